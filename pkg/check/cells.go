package check

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/tmkit/tmkit/pkg/schema"
)

// cellLimit is the most that a sheet's cell holds, in UTF-16 units; both Excel and excelize cut what is longer.
const cellLimit = 32767

// cells reports lists whose items together are too long for the one cell that they share. Single texts are limited by
// the schema.
func cells(p *pass) {
	for _, x := range p.found {
		path, f, v := x.path, x.field, x.value
		if f.Type.Kind != schema.List || f.Type.Elem.Kind != schema.String || f.Column == nil {
			continue
		}
		n := 0
		for i := range v.Len() {
			n += len(utf16.Encode([]rune(v.Index(i).String()))) + 2
		}
		if n > cellLimit {
			p.error(path, fmt.Sprintf("%s is %d UTF-16 units long together, but a sheet's cell holds %d", strings.Join(path[1:], "."), n, cellLimit), "make the list shorter")
		}
	}
}
