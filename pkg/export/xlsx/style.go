package xlsx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/table"
)

// The colours of text. Each stands on white and on every fill with a contrast of at least 4.5 to 1.
const (
	ink    = "1F2933"
	quiet  = "52606D"
	linked = "1B4F8F"
	accent = "1F3A5F"
	rule   = "D9DEE4"
	shade  = "EEF1F4"
)

// hue is a fill and its name in words, for those who cannot tell colours apart.
type hue struct{ fill, name string }

// The hues of the workbook, all calm.
func red() hue    { return hue{"F1A9A0", "Red"} }
func orange() hue { return hue{"F8CDA6", "Orange"} }
func yellow() hue { return hue{"FBEBB5", "Yellow"} }
func lime() hue   { return hue{"E6F0C8", "Light green"} }
func green() hue  { return hue{"D5EBDD", "Green"} }
func blue() hue   { return hue{"DCE6F2", "Blue"} }
func grey() hue   { return hue{"E7EAEE", "Grey"} }
func blank() hue  { return hue{"", "White"} }

// tone is a word that cells hold, its hue, and what it means.
type tone struct {
	word string
	hue
	means string
}

// scale is the tones of the words of some columns.
type scale struct {
	title string
	tones []tone
}

func scales() []scale { return []scale{levels(), susceptibility(), status(), coverage()} }

func levels() scale {
	return scale{"Levels (SP 800-30)", []tone{
		{string(model.VeryHigh), red(), "The gravest level."},
		{string(model.High), orange(), "Grave."},
		{string(model.Moderate), yellow(), "In between."},
		{string(model.Low), lime(), "Slight."},
		{string(model.VeryLow), green(), "The slightest level."},
	}}
}

func susceptibility() scale {
	return scale{"Susceptibility", []tone{
		{"inherent", orange(), "It cannot be configured away."},
		{"default", yellow(), "It is so as installed; configuration removes it."},
		{"conditional", lime(), "It is so only in some configurations."},
		{"resistant", green(), "The design resists."},
		{"covered", green(), "A threat answers all of it."},
		{"partly covered", yellow(), "Threats answer parts of it."},
	}}
}

func status() scale {
	return scale{"Status of a threat", []tone{
		{"open", orange(), "Nothing prevents it yet, and nothing was decided."},
		{"mitigated if configured", yellow(), "It can be prevented, by something that has to be put in place."},
		{"mitigated by default", green(), "A default installation prevents it."},
		{"accepted", blue(), "It was decided to bear the risk."},
		{"transferred", blue(), "It was decided that another party bears the risk."},
		{"avoided", blue(), "It was decided to do without what gives rise to it."},
		{"obsolete", grey(), "No release that is modelled has it any more."},
	}}
}

func coverage() scale {
	return scale{"State of a catalogue's entry", []tone{
		{"at risk", orange(), "Something puts it at risk."},
		{"resistant", green(), "The design resists."},
		{"covered", green(), "A threat answers all of it."},
		{"partly covered", yellow(), "Threats answer parts of it."},
		{"referenced", blue(), "The model names it, and says nothing of its risk."},
		{"excluded", grey(), "It does not apply, for the reason given."},
		{"not assessed", blank(), "The model says nothing of it: neither that it is at risk, nor that it is not."},
	}}
}

// scaleOf is the colours of a column's words, or nothing.
func scaleOf(c table.Column) scale {
	switch {
	case slices.Contains(c.Allowed, string(model.VeryHigh)), c.Key == "worst":
		return levels()
	case c.Key == "susceptibility":
		return susceptibility()
	case c.Key == "status-auto":
		return status()
	case c.Key == "state":
		return coverage()
	}
	return scale{}
}

// styles are the workbook's cell styles.
type styles struct {
	text, derived, link, hash         int
	header, derivedHeader             int
	title, subtitle, section          int
	label, prose, note, count, anchor int
	axis, column, value               int
	// word is a cell filled with the colour of its word, pale the same for a count of nothing, rule the same as a
	// conditional format.
	word, pale, rule map[string]int
}

// styler makes styles and keeps the first error.
type styler struct {
	file *excelize.File
	err  error
}

func (s *styler) style(st excelize.Style) int {
	id, err := s.file.NewStyle(&st)
	if s.err == nil {
		s.err = err
	}
	return id
}

func (s *styler) conditional(st excelize.Style) int {
	id, err := s.file.NewConditionalStyle(&st)
	if s.err == nil {
		s.err = err
	}
	return id
}

func font(size float64, color string) *excelize.Font {
	return &excelize.Font{Family: "Arial", Size: size, Color: color}
}

func bold(f *excelize.Font) *excelize.Font {
	f.Bold = true
	return f
}

func italic(f *excelize.Font) *excelize.Font {
	f.Italic = true
	return f
}

func fill(color string) excelize.Fill {
	if color == "" {
		return excelize.Fill{}
	}
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

func border(color string, sides ...string) []excelize.Border {
	var out []excelize.Border
	for _, side := range sides {
		out = append(out, excelize.Border{Type: side, Color: color, Style: 1})
	}
	return out
}

func newStyles(f *excelize.File) (*styles, error) {
	const asText = 49 // the number format "@"
	s := &styler{file: f}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	middle := &excelize.Alignment{Vertical: "center", WrapText: true}
	centre := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	line := border(rule, "bottom", "right")
	cell := func(f *excelize.Font) int {
		return s.style(excelize.Style{NumFmt: asText, Font: f, Alignment: top, Border: line})
	}
	st := &styles{
		text:          cell(font(10, ink)),
		derived:       cell(font(10, quiet)),
		link:          cell(font(10, linked)),
		hash:          s.style(excelize.Style{NumFmt: asText, Font: font(8, quiet), Alignment: &excelize.Alignment{Vertical: "top"}}),
		header:        s.style(excelize.Style{NumFmt: asText, Font: bold(font(10, "FFFFFF")), Fill: fill(accent), Alignment: middle, Border: border("FFFFFF", "right")}),
		derivedHeader: s.style(excelize.Style{NumFmt: asText, Font: italic(font(10, quiet)), Fill: fill(shade), Alignment: middle, Border: border("FFFFFF", "right")}),

		title:    s.style(excelize.Style{Font: bold(font(26, accent)), Alignment: &excelize.Alignment{Vertical: "center"}}),
		subtitle: s.style(excelize.Style{Font: font(12, quiet), Alignment: &excelize.Alignment{Vertical: "center"}}),
		section:  s.style(excelize.Style{Font: bold(font(14, accent)), Alignment: &excelize.Alignment{Vertical: "bottom"}, Border: border(accent, "bottom")}),
		label:    s.style(excelize.Style{NumFmt: asText, Font: bold(font(10, ink)), Alignment: top}),
		prose:    s.style(excelize.Style{NumFmt: asText, Font: font(10, ink), Alignment: top}),
		note:     s.style(excelize.Style{NumFmt: asText, Font: font(10, ink), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", Indent: 1}}),
		count:    s.style(excelize.Style{Font: font(10, quiet), Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "top"}}),
		anchor:   s.style(excelize.Style{NumFmt: asText, Font: bold(font(10, linked)), Alignment: top}),

		axis:   s.style(excelize.Style{NumFmt: asText, Font: font(10, quiet), Alignment: middle}),
		column: s.style(excelize.Style{NumFmt: asText, Font: bold(font(10, ink)), Alignment: centre, Border: border(rule, "bottom")}),
		value:  s.style(excelize.Style{NumFmt: asText, Font: bold(font(10, ink)), Alignment: middle}),

		word: map[string]int{}, pale: map[string]int{}, rule: map[string]int{},
	}
	white := border("FFFFFF", "left", "right", "top", "bottom")
	for _, sc := range scales() {
		for _, t := range sc.tones {
			if _, made := st.rule[t.fill]; made {
				continue
			}
			st.word[t.fill] = s.style(excelize.Style{Font: font(10, ink), Fill: fill(t.fill), Alignment: centre, Border: white})
			st.pale[t.fill] = s.style(excelize.Style{Font: font(10, quiet), Fill: fill(paler(t.fill)), Alignment: centre, Border: white})
			st.rule[t.fill] = s.conditional(excelize.Style{Font: &excelize.Font{Color: ink}, Fill: fill(t.fill)})
		}
	}
	return st, s.err
}

// paler is a colour mixed with two parts of white.
func paler(color string) string {
	if color == "" {
		return ""
	}
	n, err := strconv.ParseUint(color, 16, 32)
	if err != nil {
		panic(err)
	}
	mix := func(shift uint) uint64 { return (n>>shift&0xff + 2*0xff) / 3 }
	return fmt.Sprintf("%02X%02X%02X", mix(16), mix(8), mix(0))
}
