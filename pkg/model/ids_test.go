package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tmkit/tmkit/pkg/model"
)

func TestNextThreat(t *testing.T) {
	m := &model.Model{
		Themes: map[string]*model.Theme{"node": {}, "etcd": {}, "empty": {}},
		Threats: map[string]*model.Threat{
			"K8S-NODE-001": {Theme: "node"}, "K8S-NODE-013": {Theme: "node"}, "K8S-OTHER-1": {Theme: "node"}, "K8S-NODE-X": {Theme: "node"},
			"K8S-ETCD-0009": {Theme: "etcd"}, "K8S-ETCD-99999999999999999999": {Theme: "etcd"},
		},
		Retired: map[string]*model.Retired{"K8S-ETCD-0010": {}},
	}
	for _, test := range []struct {
		model *model.Model
		theme string
		taken []string
		want  string
	}{
		{m, "node", nil, "K8S-NODE-014"},
		{m, "node", []string{"K8S-NODE-020", "K8S-ETCD-0700", ""}, "K8S-NODE-021"},
		{m, "etcd", nil, "K8S-ETCD-0011"},
		{m, "", nil, "K8S-NODE-014"},
		{m, "nowhere", nil, "K8S-NODE-014"},
		{m, "empty", nil, "T-001"},
		{&model.Model{}, "", []string{"T-001"}, "T-002"},
	} {
		for range 10 { // whatever the order of maps is
			require.Equal(t, test.want, test.model.NextThreat(test.theme, test.taken...), test.theme)
		}
	}
}
