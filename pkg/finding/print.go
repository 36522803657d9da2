package finding

import (
	"encoding/json"
	"fmt"
	"io"
)

// Text writes one line a finding, as file:line:column: severity: message [rule], and a hint line where there is one.
func Text(w io.Writer, fs []Finding) error {
	for _, f := range fs {
		where := f.Position.String()
		if where != "" {
			where += ": "
		}
		if _, err := fmt.Fprintf(w, "%s%s: %s [%s]\n", where, f.Severity, f.Message, f.Rule); err != nil {
			return err
		}
		for _, r := range f.Related {
			if _, err := fmt.Fprintf(w, "  %s: %s\n", r.Position, r.Message); err != nil {
				return err
			}
		}
		if f.Hint != "" {
			if _, err := fmt.Fprintf(w, "  hint: %s\n", f.Hint); err != nil {
				return err
			}
		}
	}
	return nil
}

// JSON writes the findings as one JSON object {"findings": [...]}.
func JSON(w io.Writer, fs []Finding) error {
	if fs == nil {
		fs = []Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"findings": fs})
}
