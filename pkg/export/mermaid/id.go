package mermaid

import (
	"strconv"
	"strings"
)

// prefix makes an id that is none of Mermaid's words, whatever follows.
const prefix = "n_"

// NodeID writes the id of a node with letters, digits and underscores alone, so that no two ids become one: a hyphen
// before a letter or digit is one underscore, every other byte is two and its number.
func NodeID(id string) string { return prefix + escape(id) }

// ID returns the id that NodeID wrote, and whether it did.
func ID(nodeID string) (string, bool) {
	escaped, ok := strings.CutPrefix(nodeID, prefix)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		switch {
		case escaped[i] != '_':
			b.WriteByte(escaped[i])
		case i+3 < len(escaped) && escaped[i+1] == '_':
			n, err := strconv.ParseUint(escaped[i+2:i+4], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			i += 3
		default:
			b.WriteByte('-')
		}
	}
	// Only one spelling of an id is valid.
	if id := b.String(); escape(id) == escaped {
		return id, true
	}
	return "", false
}

func escape(id string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(id) {
		switch c := id[i]; {
		case alphanumeric(c):
			b.WriteByte(c)
		case c == '-' && i+1 < len(id) && alphanumeric(id[i+1]):
			b.WriteByte('_')
		default:
			b.WriteString("__")
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
