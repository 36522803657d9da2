// Package schema describes the contract of schema/v1 as Go values: types, fields, columns and references.
//
// It reads the embedded CUE files' syntax. The forms that it understands are those that the contract is written in; an
// unknown form is an error, so that a change of the contract cannot pass unnoticed.
package schema

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
)

// Kind is the shape of a value.
type Kind int

// The shapes.
const (
	Any Kind = iota
	Struct
	Map
	List
	String
	Int
	Bool
)

// Type describes a value.
type Type struct {
	// Name is the definition's name, such as #Threat; empty for a type without one.
	Name string
	// Doc is the definition's comment.
	Doc  string
	Kind Kind
	// Fields are the fields of a struct in their order.
	Fields []*Field
	// Key and Elem are the types of a map's keys and values; Elem is also that of a list's items.
	Key, Elem *Type
	// Enum are the words that a string may be, in their order; empty for free text.
	Enum []string
	// Default is the value of a field that its author leaves out: a string, a bool, or nil for none.
	Default any
	// Must says in words what a value must be.
	Must string
	// MinItems is the least number of items or keys.
	MinItems int

	match, noMatch []*regexp.Regexp
	maxRunes       int
	date           bool
	min, max       int
	bounded        bool
}

// Field describes a field of a struct.
type Field struct {
	Name string
	// Doc is the field's comment, without the field's name at its beginning.
	Doc      string
	Required bool
	Optional bool
	Type     *Type
	// Column is how sheets show the field, nil where they do not.
	Column *Column
	// Table names the table that holds the field's entries, nil where they are part of the owner's.
	Table *Table
	// Refs are the collections whose ids the field's strings, items or keys are; "any" is all, "catalogs" means that the
	// keys are a catalogue's id and then its entries' ids.
	Refs []string
	// RequiredIf is when an optional field is required after all.
	RequiredIf *Condition
}

// Column is how sheets show a field.
type Column struct {
	Heading string
	// Width is in characters.
	Width int
}

// Table is the table of a relation.
type Table struct {
	Name string
	// Tab is the heading of the workbook's tab, empty where the table has none of its own.
	Tab string
}

// Condition holds when another field has one of the values.
type Condition struct {
	Field  string
	Values []string
}

// Schema is one major version of the contract.
type Schema struct {
	// Version is the newest minor version, such as v1.0.
	Version string
	// Model, Catalog and Crosswalk are what a package can define.
	Model, Catalog, Crosswalk *Type

	defs map[string]*Type
}

// Definition is something that a package can define: a field at its top.
type Definition struct {
	// Field is the field's name, such as catalog.
	Field string
	*Type
}

// Definitions lists what a package can define.
func (s *Schema) Definitions() []Definition {
	return []Definition{{"model", s.Model}, {"catalog", s.Catalog}, {"crosswalk", s.Crosswalk}}
}

// Definition returns what the field at the top of a package defines, or nil.
func (s *Schema) Definition(field string) *Type {
	for _, d := range s.Definitions() {
		if d.Field == field {
			return d.Type
		}
	}
	return nil
}

// Def returns a definition by its name, such as #Threat, or nil.
func (s *Schema) Def(name string) *Type { return s.defs[name] }

// Field returns a field of a struct by its name, or nil.
func (t *Type) Field(name string) *Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// FieldNames returns the names of a struct's fields in their order.
func (t *Type) FieldNames() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}

// Check says what is wrong with a scalar, or returns "": want tells what is allowed, in words.
func (t *Type) Check(value any) (want string) {
	switch t.Kind {
	case String:
		s, ok := value.(string)
		if !ok {
			return t.Want()
		}
		return t.checkString(s)
	case Int:
		n, ok := value.(int)
		if !ok || t.bounded && (n < t.min || n > t.max) {
			return t.Want()
		}
	case Bool:
		if _, ok := value.(bool); !ok {
			return t.Want()
		}
	}
	return ""
}

func (t *Type) checkString(s string) string {
	if len(t.Enum) > 0 {
		for _, e := range t.Enum {
			if e == s {
				return ""
			}
		}
		return t.Want()
	}
	if t.date {
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return t.Want()
		}
	}
	// A sheet's cell counts UTF-16 units, so the limit does too.
	if t.maxRunes > 0 && len(s) > t.maxRunes && len(utf16.Encode([]rune(s))) > t.maxRunes {
		return t.Want()
	}
	for _, re := range t.match {
		if !re.MatchString(s) {
			return t.Want()
		}
	}
	for _, re := range t.noMatch {
		if re.MatchString(s) {
			return t.Want()
		}
	}
	return ""
}

// Want says in words what a value of the type must be.
func (t *Type) Want() string {
	if len(t.Enum) > 0 {
		quoted := make([]string, len(t.Enum))
		for i, e := range t.Enum {
			quoted[i] = fmt.Sprintf("%q", e)
		}
		return "one of " + strings.Join(quoted, ", ")
	}
	if t.Must != "" {
		return t.Must
	}
	switch t.Kind {
	case Struct, Map:
		return "a struct"
	case List:
		return "a list"
	case String:
		return "a string"
	case Int:
		if t.bounded {
			return fmt.Sprintf("a whole number from %d to %d", t.min, t.max)
		}
		return "a whole number"
	case Bool:
		return "true or false"
	}
	return "a value"
}
