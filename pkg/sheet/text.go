package sheet

import "strings"

// tidy undoes what sheet programs and keyboards do to a text unseen: non-breaking and other wide blanks become blanks,
// line ends become newlines, and white space at the ends of the text and of its lines goes, which no field may have.
func tidy(text string) string {
	text = blanks.Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

var blanks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n",
	"\u00a0", " ", "\u202f", " ", "\u2007", " ", "\u200b", "", "\u2060", "", "\ufeff", "")

// straight makes typographic quotes straight ones.
var straight = strings.NewReplacer("\u201c", `"`, "\u201d", `"`, "\u201e", `"`, "\u2018", "'", "\u2019", "'", "\u201a", "'")

// meant is what somebody meant to write where a text stood: what they typed, tidied, with straight quotes where that text
// had no others, since sheet programs put typographic ones by themselves.
func meant(typed, was string) string {
	text := tidy(typed)
	if was != "" && straight.Replace(was) == was {
		text = straight.Replace(text)
	}
	return text
}

// sameText says that two texts differ in nothing but what is done unseen.
func sameText(typed, was string) bool {
	return typed == was || straight.Replace(tidy(typed)) == straight.Replace(tidy(was))
}
