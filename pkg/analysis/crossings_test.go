package analysis

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tmkit/tmkit/pkg/model"
)

// cluster is a model of pods on nodes, and of what is around them.
func cluster() *model.Model {
	zone := func(plane, parent, instances, inward, outward string) *model.Boundary {
		return &model.Boundary{Plane: plane, Parent: parent, Instances: instances, Inward: inward, Outward: outward}
	}
	return &model.Model{
		Boundaries: map[string]*model.Boundary{
			"site":      zone("execution", "", "one", "enforced", "conventional"),
			"control":   zone("execution", "site", "one", "enforced", "conventional"),
			"node":      zone("execution", "site", "many", "enforced", "conditional"),
			"pod":       zone("execution", "node", "many", "conventional", "enforced"),
			"other-pod": zone("execution", "node", "many", "conventional", "enforced"),
			"net":       zone("network", "", "one", "conditional", "conventional"),
			"pod-net":   zone("network", "net", "one", "conditional", "conditional"),
			"tenant":    zone("tenancy", "", "many", "conventional", "conventional"),
			"other":     zone("tenancy", "", "many", "conventional", "conventional"),
			// A circle, which no valid model has.
			"egg": zone("tenancy", "hen", "one", "enforced", "enforced"),
			"hen": zone("tenancy", "egg", "one", "enforced", "enforced"),
		},
		Components: map[string]*model.Component{
			"api":       {Boundary: "control", AlsoIn: []string{"net"}},
			"kubelet":   {Boundary: "node", AlsoIn: []string{"net"}},
			"app":       {Boundary: "pod", AlsoIn: []string{"pod-net", "tenant"}},
			"neighbour": {Boundary: "other-pod", AlsoIn: []string{"other", "pod-net"}},
			"chicken":   {Boundary: "egg"},
			"lost":      {Boundary: "nowhere", AlsoIn: []string{"net"}},
		},
		Actors: map[string]*model.Actor{
			"user":  {},
			"admin": {Boundary: "control"},
		},
	}
}

func TestCrossings(t *testing.T) {
	tests := []struct {
		desc string
		flow model.Flow
		want []Crossing
	}{
		{"inside one zone", model.Flow{From: "api", To: "api"}, nil},
		{
			"a pod to the control plane: out on every plane, the innermost first, then in",
			model.Flow{From: "app", To: "api"},
			[]Crossing{
				{"pod", "execution", "outward", "enforced"},
				{"node", "execution", "outward", "conditional"},
				{"pod-net", "network", "outward", "conditional"},
				{"tenant", "tenancy", "outward", "conventional"},
				{"control", "execution", "inward", "enforced"},
			},
		},
		{
			"the way back: in from the outermost",
			model.Flow{From: "api", To: "app"},
			[]Crossing{
				{"control", "execution", "outward", "conventional"},
				{"node", "execution", "inward", "enforced"},
				{"pod", "execution", "inward", "conventional"},
				{"pod-net", "network", "inward", "conditional"},
				{"tenant", "tenancy", "inward", "conventional"},
			},
		},
		{
			"a kubelet to a pod of its node stays on the node",
			model.Flow{From: "kubelet", To: "app", Between: "same-instance"},
			[]Crossing{
				{"pod", "execution", "inward", "conventional"},
				{"pod-net", "network", "inward", "conditional"},
				{"tenant", "tenancy", "inward", "conventional"},
			},
		},
		{
			"a kubelet to a pod of another node",
			model.Flow{From: "kubelet", To: "app", Between: "other-instance"},
			[]Crossing{
				{"node", "execution", "between", "conditional"},
				{"pod", "execution", "inward", "conventional"},
				{"pod-net", "network", "inward", "conditional"},
				{"tenant", "tenancy", "inward", "conventional"},
			},
		},
		{
			"containers of one pod",
			model.Flow{From: "app", To: "app"},
			nil,
		},
		{
			"a pod to its like elsewhere: between the instances of every zone of which there are many",
			model.Flow{From: "app", To: "app", Between: "other-instance"},
			[]Crossing{
				{"pod", "execution", "between", "conventional"},
				{"node", "execution", "between", "conditional"},
				{"tenant", "tenancy", "between", "conventional"},
			},
		},
		{
			"pod to pod across namespaces on one node: the node is not left",
			model.Flow{From: "app", To: "neighbour", Between: "same-instance"},
			[]Crossing{
				{"pod", "execution", "outward", "enforced"},
				{"tenant", "tenancy", "outward", "conventional"},
				{"other-pod", "execution", "inward", "conventional"},
				{"other", "tenancy", "inward", "conventional"},
			},
		},
		{
			"a tunnel hides nothing of what lies between the ends",
			model.Flow{From: "api", To: "kubelet", Over: []string{"tunnel"}},
			[]Crossing{
				{"control", "execution", "outward", "conventional"},
				{"node", "execution", "inward", "enforced"},
			},
		},
		{
			"an actor without a boundary is outside of all zones",
			model.Flow{From: "user", To: "api"},
			[]Crossing{
				{"site", "execution", "inward", "enforced"},
				{"control", "execution", "inward", "enforced"},
				{"net", "network", "inward", "conditional"},
			},
		},
		{
			"an actor with a boundary is inside",
			model.Flow{From: "admin", To: "api"},
			[]Crossing{{"net", "network", "inward", "conditional"}},
		},
		{"an end that does not exist", model.Flow{From: "app", To: "nobody"}, nil},
		{
			"a boundary that does not exist",
			model.Flow{From: "lost", To: "kubelet"},
			[]Crossing{
				{"site", "execution", "inward", "enforced"},
				{"node", "execution", "inward", "enforced"},
			},
		},
		{
			"boundaries in a circle",
			model.Flow{From: "chicken", To: "user"},
			[]Crossing{
				{"egg", "tenancy", "outward", "enforced"},
				{"hen", "tenancy", "outward", "enforced"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			m := cluster()
			m.Flows = map[string]*model.Flow{"f": &tt.flow}
			m.Threats = map[string]*model.Threat{"T-1": {Via: []string{"f", "nothing"}, Affects: []string{"api", "f"}}}
			facts := Derive(m)
			assert.Equal(t, tt.want, facts.Flows["f"].Crossings)

			var ids []string
			for _, c := range tt.want {
				insert(&ids, c.Boundary)
			}
			assert.Equal(t, ids, facts.Threats["T-1"].Crossings, "a threat crosses what its flows cross")
		})
	}
}

func TestWeaker(t *testing.T) {
	assert.Equal(t, "conditional", weaker("enforced", "conditional"))
	assert.Equal(t, "conventional", weaker("conventional", "conditional"))
	assert.Equal(t, "enforced", weaker("enforced", "enforced"))
	assert.Equal(t, "", weaker("conventional", ""), "what nobody knows is the weakest")
}
