package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

var numberedID = regexp.MustCompile(`^(.*-)([0-9]{1,9})$`)

// NextThreat proposes the id of a new threat: the next number among the threats of a theme, or of all where the model has
// no such theme. An id that is retired or taken is not proposed again.
func (m *Model) NextThreat(theme string, taken ...string) string {
	ids := m.IDs(Threats)
	most, prefix := 0, "T-"
	counts := map[string]int{}
	for _, id := range ids {
		parts := numberedID.FindStringSubmatch(id)
		if parts == nil || m.Themes[theme] != nil && m.Threats[id].Theme != theme {
			continue
		}
		if counts[parts[1]]++; counts[parts[1]] > most {
			most, prefix = counts[parts[1]], parts[1]
		}
	}
	highest, digits := 0, 3
	for _, id := range slices.Concat(ids, Keys(m.Retired), taken) {
		if parts := numberedID.FindStringSubmatch(id); parts != nil && parts[1] == prefix {
			if n, _ := strconv.Atoi(parts[2]); n > highest {
				highest, digits = n, len(parts[2])
			}
		}
	}
	return fmt.Sprintf("%s%0*d", prefix, digits, highest+1)
}
