package table

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
	"github.com/tmkit/tmkit/pkg/schema"
)

// Values of cells are as JSON has them, with whole numbers as int: string, int, bool, []any and map[string]any, and nil
// for what is not there. What is there and is null, as a profile says of what it takes away, is model.Null.

// Fault is what is wrong with a cell, or with an item of one.
type Fault struct {
	// Item is the faulty text, all of the cell's or a part of it.
	Item string
	// Want says what is allowed, in words.
	Want string
	// Allowed are the words that are allowed, empty where others are too.
	Allowed []string
}

// Format writes a value as the column's cells show it.
func (c Column) Format(value any) string {
	switch c.Form {
	case Words, Lines:
		items, _ := value.([]any)
		out := make([]string, len(items))
		for i, item := range items {
			out[i] = word(item)
		}
		if c.Form == Words {
			return List(out)
		}
		return strings.Join(out, "\n")
	case Pairs:
		var out []string
		if items, ok := value.([]any); ok {
			for _, item := range items {
				fields, _ := item.(map[string]any)
				out = append(out, word(fields[c.Type.Elem.Fields[0].Name])+": "+word(fields[c.Type.Elem.Fields[1].Name]))
			}
			return strings.Join(out, "\n")
		}
		entries, _ := value.(map[string]any)
		keys := model.Keys(entries)
		for _, key := range keys {
			item := entries[key]
			if fields, ok := item.(map[string]any); ok {
				item = fields[c.Type.Elem.Fields[0].Name]
			}
			out = append(out, key+": "+word(item))
		}
		return strings.Join(out, "\n")
	}
	if c.Type != nil && c.Type.Kind == schema.Any && value != nil {
		b, err := json.Marshal(value)
		if err == nil {
			return string(b)
		}
	}
	return word(value)
}

func word(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return fmt.Sprint(value)
}

// Parse reads the value of a cell, and says what is wrong with it. Items of a list of words may be parted by commas,
// semicolons or lines; words are taken whatever the case of their letters, and with blanks for hyphens. An empty cell has
// the value nil.
func (c Column) Parse(cell string) (any, []Fault) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	if c.Type == nil {
		return cell, nil
	}
	var faults []Fault
	scalar := func(t *schema.Type, text string) any {
		v, fault := parse(t, text)
		if fault != nil {
			faults = append(faults, *fault)
		}
		return v
	}
	switch c.Form {
	case Words:
		items := []any{}
		for _, item := range strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, scalar(c.Type.Elem, item))
			}
		}
		return items, faults
	case Lines:
		items := []any{}
		for _, line := range lined(cell) {
			items = append(items, scalar(c.Type.Elem, line))
		}
		return items, faults
	case Pairs:
		return c.pairs(cell, scalar, &faults), faults
	}
	return scalar(c.Type, cell), faults
}

// pairs reads lines of "key: text": a map to words, a map to structs of one word, or a list of structs of two.
func (c Column) pairs(cell string, scalar func(*schema.Type, string) any, faults *[]Fault) any {
	list := []any{}
	entries := map[string]any{}
	for _, line := range lined(cell) {
		key, text, ok := strings.Cut(line, ":")
		key, text = strings.TrimSpace(key), strings.TrimSpace(text)
		if !ok || key == "" || text == "" {
			*faults = append(*faults, Fault{Item: line, Want: `"word: text", one a line`})
			continue
		}
		if c.Type.Kind == schema.List {
			fields := c.Type.Elem.Fields
			list = append(list, map[string]any{fields[0].Name: scalar(fields[0].Type, key), fields[1].Name: scalar(fields[1].Type, text)})
			continue
		}
		key, _ = scalar(c.Type.Key, key).(string)
		if entries[key] != nil {
			*faults = append(*faults, Fault{Item: key, Want: "each word once"})
		}
		if c.Type.Elem.Kind == schema.Struct {
			f := c.Type.Elem.Fields[0]
			entries[key] = map[string]any{f.Name: scalar(f.Type, text)}
		} else {
			entries[key] = scalar(c.Type.Elem, text)
		}
	}
	if c.Type.Kind == schema.List {
		return list
	}
	return entries
}

// lined returns the lines of a cell that are not blank, without white space at their ends.
func lined(cell string) []string {
	var out []string
	for line := range strings.SplitSeq(cell, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// parse reads a scalar.
func parse(t *schema.Type, text string) (any, *Fault) {
	fault := func() *Fault { return &Fault{Item: text, Want: t.Want(), Allowed: t.Enum} }
	switch t.Kind {
	case schema.Any:
		return parseJSON(text)
	case schema.Bool:
		switch strings.ToLower(text) {
		case "yes", "true":
			return true, nil
		case "no", "false":
			return false, nil
		}
		return nil, &Fault{Item: text, Want: "yes or no", Allowed: []string{"yes", "no"}}
	case schema.Int:
		n, err := strconv.Atoi(text)
		if err != nil || t.Check(n) != "" {
			return nil, fault()
		}
		return n, nil
	}
	for _, e := range t.Enum {
		if same(e, text) {
			return e, nil
		}
	}
	if t.Check(text) != "" {
		return text, fault()
	}
	return text, nil
}

// same says that a text means a word.
func same(word, text string) bool {
	return strings.EqualFold(word, strings.NewReplacer(" ", "-", "_", "-").Replace(strings.TrimSpace(text)))
}

func parseJSON(text string) (any, *Fault) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, &Fault{Item: text, Want: `a value as JSON, a text in double quotes`}
	}
	whole, ok := Whole(v)
	if !ok {
		return nil, &Fault{Item: text, Want: "a value as JSON whose numbers are whole"}
	}
	return whole, nil
}

// Whole makes the numbers of a value that was decoded with json.Number ints, and what is null model.Null. It returns false
// where a number is not whole.
func Whole(v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return model.Null{}, true
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case []any:
		for i, item := range v {
			x, ok := Whole(item)
			if !ok {
				return nil, false
			}
			v[i] = x
		}
	case map[string]any:
		for key, item := range v {
			x, ok := Whole(item)
			if !ok {
				return nil, false
			}
			v[key] = x
		}
	}
	return v, true
}
