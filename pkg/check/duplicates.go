package check

import (
	"fmt"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// duplicates reports an id that two collections use: show, waivers and lists such as affects name entries by id alone.
func duplicates(p *pass) {
	first := map[string]model.Kind{}
	for _, k := range model.Kinds() {
		for _, id := range p.m.IDs(k) {
			if other, taken := first[id]; taken {
				p.error([]string{string(k), id}, fmt.Sprintf("the id %s is both %s and %s", id, a(other.Singular()), a(k.Singular())),
					fmt.Sprintf("rename one of them, such as %s", unlike(id, k)))
				continue
			}
			first[id] = k
		}
	}
}

func unlike(id string, k model.Kind) string {
	if k == model.Threats {
		return id + "-2"
	}
	return id + "-" + strings.ReplaceAll(k.Singular(), " ", "-")
}

// a puts the article before a word.
func a(word string) string {
	if strings.ContainsAny(word[:1], "aeiou") {
		return "an " + word
	}
	return "a " + word
}
