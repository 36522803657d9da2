package finding

import "slices"

// Suggest returns the candidate nearest to word, or "" when none is near: at most a third of the word's letters may be
// wrong, missing, extra or swapped (restricted Damerau-Levenshtein distance), and of equals the first in order wins.
func Suggest(word string, candidates []string) string {
	best, bestD := "", len(word)/3+1
	sorted := slices.Sorted(slices.Values(candidates))
	for _, c := range sorted {
		if c == word || abs(len(c)-len(word)) >= bestD {
			continue
		}
		if d := distance(word, c); d < bestD {
			best, bestD = c, d
		}
	}
	return best
}

// DidYouMean returns a hint that names the candidate nearest to word, or "" when none is near.
func DidYouMean(word string, candidates []string) string {
	if near := Suggest(word, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

func abs(n int) int { return max(n, -n) }

func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	before, prev, cur := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		cur[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(rb)]
}
