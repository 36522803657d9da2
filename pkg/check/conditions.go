package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/model"
)

// conditions reports fields that another field's value makes necessary, as the schema's @requiredIf says.
func conditions(p *pass) {
	for _, k := range model.Kinds() {
		t := p.schema.Model.Field(string(k)).Type.Elem
		for _, f := range t.Fields {
			if f.RequiredIf == nil {
				continue
			}
			for _, id := range p.m.IDs(k) {
				e := p.m.Collection(k).MapIndex(reflect.ValueOf(id)).Elem()
				if other := byName(e, f.RequiredIf.Field).String(); byName(e, f.Name).IsZero() && slices.Contains(f.RequiredIf.Values, other) {
					p.error([]string{string(k), id, f.Name}, fmt.Sprintf("%s: %s is required when %s is %q", id, f.Name, f.RequiredIf.Field, other), "")
				}
			}
		}
	}
	verdicts(p)
}

// verdicts reports questions that were answered by a threat and do not say by which.
func verdicts(p *pass) {
	for _, subject := range model.Keys(p.m.Considered) {
		for _, q := range model.Keys(p.m.Considered[subject]) {
			if c := p.m.Considered[subject][q]; c != nil && c.Verdict == "threat" && c.Threat == "" {
				p.error([]string{"considered", subject, q, "threat"}, fmt.Sprintf("%s: %s: threat is required when verdict is %q", subject, q, c.Verdict), "")
			}
		}
	}
}

func byName(s reflect.Value, json string) reflect.Value {
	return s.Field(model.FieldIndex(s.Type(), json))
}

// origins reports threats that do not say where they come from, or say two things.
func origins(p *pass) {
	for _, id := range p.m.IDs(model.Threats) {
		t := p.m.Threats[id]
		switch {
		case len(t.ArisesFrom) == 0 && t.ArisesOutside == "":
			p.error([]string{"threats", id, "arisesFrom"}, id+": either arisesFrom or arisesOutside is required",
				"name the features that give rise to the threat, or say why none does")
		case len(t.ArisesFrom) > 0 && t.ArisesOutside != "":
			p.error([]string{"threats", id, "arisesOutside"}, id+": arisesFrom and arisesOutside exclude each other", "")
		}
	}
}

// items reports required maps without a key: bearers whom nobody bears, trees without a node.
func items(p *pass) {
	for _, f := range p.found {
		if needsKeys(f.field) && f.value.Len() < f.field.Type.MinItems {
			path := f.path
			if len(path) > 2 {
				path = path[1:]
			}
			p.error(f.path, strings.Join(path, ".")+" needs at least one item", "")
		}
	}
}
