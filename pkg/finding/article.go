package finding

import "strings"

// Article puts the indefinite article before a word.
func Article(word string) string {
	if word != "" && strings.Contains("aeiou", word[:1]) {
		return "an " + word
	}
	return "a " + word
}
