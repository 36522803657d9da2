package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

func completionCommand(io streams) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that completes commands in a shell",
		ArgsUsage: "bash|zsh",
		Action: func(c *cli.Context) error {
			script, ok := map[string]string{"bash": bashCompletion, "zsh": zshCompletion}[c.Args().First()]
			if !ok {
				return usage("name a shell: bash or zsh")
			}
			_, err := fmt.Fprint(io.out, script)
			return err
		},
	}
}

const bashCompletion = `_tmkit() {
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tmkit tmkit
`

const zshCompletion = `#compdef tmkit
_tmkit() {
  local -a found
  found=("${(@f)$(${words[1,CURRENT-1]} --generate-bash-completion 2>/dev/null)}")
  compadd -a found
  _files
}
compdef _tmkit tmkit
`
