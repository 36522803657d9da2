// Package graphtest holds models for the tests of diagrams and of what is made of them.
package graphtest

import (
	"fmt"

	"github.com/tmkit/tmkit/pkg/model"
)

// riskMatrix is SP 800-30 Rev 1, table I-2.
func riskMatrix() model.RiskMatrix {
	const vl, l, m, h, vh = model.VeryLow, model.Low, model.Moderate, model.High, model.VeryHigh
	row := func(x ...model.Level) map[model.Level]model.Level {
		return map[model.Level]model.Level{vl: x[0], l: x[1], m: x[2], h: x[3], vh: x[4]}
	}
	return model.RiskMatrix{
		vl: row(vl, vl, vl, l, l), l: row(vl, l, l, l, m), m: row(vl, l, m, m, h), h: row(vl, l, m, h, vh), vh: row(vl, l, m, h, vh),
	}
}

// identify gives every entry its key as id.
func identify(m *model.Model) *model.Model {
	for _, k := range model.Kinds() {
		c := m.Collection(k)
		for _, key := range c.MapKeys() {
			c.MapIndex(key).Elem().FieldByName("ID").SetString(key.String())
		}
	}
	return m
}

// Cluster is a small Kubernetes cluster: every kind of entry, and most of what is hard to draw. Its titles hold
// characters that drawing languages take for their own.
func Cluster() *model.Model {
	const vl, l, md, h, vh = model.VeryLow, model.Low, model.Moderate, model.High, model.VeryHigh
	return identify(&model.Model{
		Schema: "v1.0", Kind: "ThreatModel", RiskMatrix: riskMatrix(),
		Metadata: model.Metadata{Name: "cluster", Title: "Small cluster", Version: "1.0.0", Stage: "draft", Audience: "public"},
		Themes: map[string]*model.Theme{
			"state": {Title: "State store & keys", Description: "What holds the truth."},
			"node":  {Title: "Node", Description: "What runs workloads."},
			"idle":  {Title: "Theme without threats", Description: "Nothing yet."},
		},
		Assumptions: map[string]*model.Assumption{
			"crypto-holds": {Statement: "TLS is not broken."},
			"clocks-agree": {Statement: "Clocks agree, within the *tolerance* of certificates."},
		},
		Boundaries: map[string]*model.Boundary{
			"cluster":       {Title: "Cluster", Plane: "execution", Instances: "one", Inward: "conditional", Outward: "conventional"},
			"control-plane": {Title: "Control plane", Plane: "execution", Parent: "cluster", Instances: "one", Inward: "enforced", Outward: "conventional"},
			"state-store":   {Title: "State store", Plane: "execution", Parent: "control-plane", Instances: "one", Inward: "enforced", Outward: "conditional"},
			"node":          {Title: "Node", Plane: "execution", Parent: "cluster", Instances: "many", Inward: "conditional", Outward: "conventional"},
			"pod":           {Title: "Pod sandbox", Plane: "execution", Parent: "node", Instances: "many", Inward: "conventional", Outward: "conditional"},
			"operations":    {Title: "Operations site of the organisation", Plane: "execution", Instances: "one", Inward: "conditional", Outward: "conventional"},
			"provider":      {Title: "Cloud provider's platform", Plane: "execution", Instances: "one", Inward: "enforced", Outward: "enforced"},
			"admin-network": {Title: "Administration network", Plane: "network", Instances: "one", Inward: "conditional", Outward: "conventional"},
			"empty-zone":    {Title: "Zone without components", Plane: "tenancy", Instances: "one", Inward: "conventional", Outward: "conventional"},
		},
		Components: map[string]*model.Component{
			"kubectl":            {Title: "kubectl", Kind: "process", Boundary: "operations", AlsoIn: []string{"admin-network"}, Instances: "many", Responsibility: "operator", Tags: []string{"client"}},
			"ci-pipeline":        {Title: "CI pipeline (build; deploy)", Kind: "process", Boundary: "operations", AlsoIn: []string{"admin-network"}, Instances: "one", Responsibility: "operator", Tags: []string{"chain"}},
			"image-registry":     {Title: "Image registry", Kind: "store", Boundary: "operations", Instances: "one", Responsibility: "vendor", Tags: []string{"chain"}},
			"audit-sink":         {Title: "Audit sink", Kind: "store", Boundary: "operations", Instances: "one", Responsibility: "operator", Optional: true},
			"identity-provider":  {Title: "Identity provider", Kind: "external-entity", Boundary: "operations", Instances: "one", Responsibility: "vendor", Optional: true},
			"kube-apiserver":     {Title: "kube-apiserver", Kind: "process", Boundary: "control-plane", Instances: "many", Responsibility: "operator", RunsOn: []string{"machine"}, Holds: map[string]*model.Holding{"etcd-certificate": {Form: "key-in-memory"}}},
			"kube-scheduler":     {Title: "kube-scheduler", Kind: "process", Boundary: "control-plane", Instances: "one", Responsibility: "operator"},
			"controller-manager": {Title: "kube-controller-manager", Kind: "process", Boundary: "control-plane", Instances: "one", Responsibility: "operator"},
			"token-signer":       {Title: "Token signer", Kind: "process", Boundary: "control-plane", PartOf: []string{"controller-manager"}, Instances: "one", Responsibility: "operator"},
			"machine":            {Title: "Control-plane machine", Kind: "process", Boundary: "control-plane", Instances: "many", Responsibility: "operator"},
			"etcd":               {Title: "etcd", Kind: "store", Boundary: "state-store", Instances: "many", Responsibility: "operator", Holds: map[string]*model.Holding{"secrets": {Form: "plaintext"}}},
			"kubelet":            {Title: "kubelet", Kind: "process", Boundary: "node", Instances: "many", Responsibility: "operator"},
			"container-runtime":  {Title: "Container runtime", Kind: "process", Boundary: "node", Instances: "many", Responsibility: "distributor"},
			"workload":           {Title: "Workload pod", Kind: "process", Boundary: "pod", Instances: "many", Responsibility: "workload-owner", Holds: map[string]*model.Holding{"pod-token": {Form: "plaintext"}}},
			"metadata-service":   {Title: "Instance metadata", Kind: "external-entity", Boundary: "provider", Instances: "one", Responsibility: "provider"},
			"hypervisor":         {Title: "Hypervisor", Kind: "process", Boundary: "provider", Instances: "many", Responsibility: "provider"},
			"island":             {Title: "Component without flows", Kind: "process", Boundary: "provider", Instances: "one", Responsibility: "provider"},
		},
		Features: map[string]*model.Feature{
			"plaintext-state": {Title: "State is stored in the clear", Kind: "configuration-option", Component: "etcd", Default: "on"},
			"static-pods":     {Title: "Static pods", Kind: "design", Component: "kubelet", Default: "not-applicable"},
			"harmless":        {Title: "Feature of no threat", Kind: "capability", Default: "off"},
		},
		Assets: map[string]*model.Asset{
			"secrets":          {Title: "Secret objects", Kind: "data", Confidentiality: "high", Integrity: "high", Availability: "moderate"},
			"etcd-certificate": {Title: "Client certificate for etcd", Kind: "credential", Confidentiality: "high", Integrity: "high", Availability: "moderate", Credential: &model.Credential{IssuedBy: []string{"machine"}, AcceptedBy: []string{"etcd"}, Revocation: "rotate-ca"}},
			"pod-token":        {Title: "Token of a pod", Kind: "credential", Confidentiality: "high", Integrity: "high", Availability: "low", Credential: &model.Credential{IssuedBy: []string{"kube-apiserver", "token-signer"}, AcceptedBy: []string{"kube-apiserver"}, Revocation: "delete-object"}},
			"spare":            {Title: "Asset that nothing names", Kind: "artifact", Confidentiality: "low", Integrity: "low", Availability: "low"},
		},
		Flows: map[string]*model.Flow{
			"kubectl-to-apiserver":    {Title: "Commands", From: "kubectl", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{6443}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "human-identity"},
			"kubectl-watch":           {Title: "Watches", From: "kubectl", To: "kube-apiserver", Protocol: "HTTPS (WebSocket)", Ports: []int{6443}, ClientAuth: "bearer-token", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "human-identity"},
			"kubectl-to-idp":          {Title: "Sign in", From: "kubectl", To: "identity-provider", Protocol: "HTTPS", ClientAuth: "password", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "human-identity", Conditional: "only with an identity provider"},
			"ci-to-apiserver":         {Title: "Deployments", From: "ci-pipeline", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{6443}, ClientAuth: "federated", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"ci-to-registry":          {Title: "Images", From: "ci-pipeline", To: "image-registry", Protocol: "HTTPS", ClientAuth: "password", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "bearer-secret"},
			"apiserver-to-etcd":       {Title: "State", From: "kube-apiserver", To: "etcd", Protocol: "gRPC", Ports: []int{2379}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity", Credentials: []string{"etcd-certificate"}},
			"etcd-to-etcd":            {Title: "Raft", From: "etcd", To: "etcd", Between: "other-instance", Protocol: "etcd peer protocol", Ports: []int{2380}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"apiserver-to-audit":      {Title: "Audit events", From: "kube-apiserver", To: "audit-sink", Protocol: "HTTPS webhook, or a file", ClientAuth: "bearer-token", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "bearer-secret", Conditional: "only when auditing is set up"},
			"scheduler-to-apiserver":  {Title: "Bindings", From: "kube-scheduler", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{6443}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"controller-to-apiserver": {Title: "Reconciliation", From: "controller-manager", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{6443}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"kubelet-to-apiserver":    {Title: "Node status", From: "kubelet", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{6443}, ClientAuth: "client-certificate", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"apiserver-to-kubelet":    {Title: "Logs and exec", From: "kube-apiserver", To: "kubelet", Protocol: "HTTPS", Ports: []int{10250}, ClientAuth: "client-certificate", ServerAuth: "unverified", Encryption: "tls", TrustBasis: "workload-identity"},
			"kubelet-to-runtime":      {Title: "CRI", From: "kubelet", To: "container-runtime", Between: "same-instance", Protocol: "gRPC on a Unix socket", ClientAuth: "file-permission", ServerAuth: "file-permission", Encryption: "local", TrustBasis: "host-locality"},
			"runtime-to-registry":     {Title: "Pulls", From: "container-runtime", To: "image-registry", Protocol: "HTTPS", ClientAuth: "password", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "bearer-secret"},
			"pod-to-apiserver":        {Title: "API calls", From: "workload", To: "kube-apiserver", Protocol: "HTTPS", Ports: []int{443}, ClientAuth: "bearer-token", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "workload-identity"},
			"pod-to-metadata":         {Title: "Metadata", From: "workload", To: "metadata-service", Protocol: "HTTP", Ports: []int{80}, ClientAuth: "network-position", ServerAuth: "none", Encryption: "none", TrustBasis: "network-position"},
			"pod-to-pod":              {Title: "Application traffic", From: "workload", To: "workload", Between: "other-instance", Protocol: "any", ClientAuth: "none", ServerAuth: "none", Encryption: "none", TrustBasis: "network-position"},
			"admin-to-machine":        {Title: "Shell", From: "node-administrator", To: "machine", Protocol: "SSH", Ports: []int{22}, ClientAuth: "signature", ServerAuth: "host-key", Encryption: "ssh", TrustBasis: "human-identity"},
			"host-to-node":            {Title: "Machine monitor", From: "hypervisor", To: "kubelet", Protocol: "Virtual machine monitor", ClientAuth: "none", ServerAuth: "none", Encryption: "none", TrustBasis: "none"},
			"analyst-to-admin":        {Title: "Questions", From: "analyst", To: "node-administrator", Protocol: "Chat", ClientAuth: "other", ServerAuth: "other", Encryption: "tls", TrustBasis: "human-identity"},
		},
		Actors: map[string]*model.Actor{
			"internet-attacker":    {Title: "Attacker on the internet", Position: "external", Source: "adversarial", Capability: md},
			"pod-attacker":         {Title: "Attacker in a pod", Position: "foothold", Source: "adversarial", Capability: md, Boundary: "pod"},
			"node-administrator":   {Title: "Node administrator", Position: "insider-organisation", Source: "adversarial", Capability: h, Boundary: "operations", Access: map[string]string{"machine": "administer", "kubelet": "administer"}, Oversight: &model.Oversight{Trace: "Shell sessions.", RecordedIn: []string{"audit-sink"}, WatchedBy: []string{"analyst"}, Separation: []string{"two-people"}}},
			"analyst":              {Title: "Security analyst", Position: "insider-organisation", Source: "accidental", Boundary: "operations", Access: map[string]string{"audit-sink": "read"}},
			"host-engineer":        {Title: "Provider's host engineer", Position: "insider-cloud-host", Source: "adversarial", Capability: vh, Boundary: "provider", Access: map[string]string{"hypervisor": "administer"}},
			"maintainer":           {Title: "Maintainer of a dependency", Position: "supply-chain", Source: "adversarial", Capability: h, Access: map[string]string{"image-registry": "release"}},
			"former-administrator": {Title: "Former administrator", Position: "former", Source: "adversarial", Capability: md},
			"idle-actor":           {Title: "Actor that does nothing", Position: "automation", Source: "structural"},
		},
		Threats: map[string]*model.Threat{
			"K8S-STATE-001": {
				Title: "Snapshot of the state is copied", Theme: "state", Actors: []string{"node-administrator", "former-administrator"},
				Entry: []string{"machine"}, Via: []string{"apiserver-to-etcd", "state-store"}, Affects: []string{"secrets", "etcd", "machine"},
				Likelihood: model.Rating{Level: h}, Impact: model.Rating{Level: vh}, Hardened: &model.Residual{Likelihood: l},
				ArisesFrom: []string{"plaintext-state"}, LeadsTo: []string{"K8S-STATE-002", "K8S-NODE-001"},
				Countermeasures: map[string]*model.Mitigation{
					"encrypt-state": {Effect: "prevent", Extent: "partial"}, "audit-access": {Effect: "detect", Extent: "partial"},
				},
			},
			"K8S-STATE-002": {
				Title: "Encryption key is read beside the data", Theme: "state", Actors: []string{"host-engineer"},
				Affects: []string{"secrets"}, Likelihood: model.Rating{Level: l}, Impact: model.Rating{Level: vh},
				ArisesOutside: "Of the machine.", Countermeasures: map[string]*model.Mitigation{"encrypt-state": {Effect: "limit", Extent: "partial"}},
			},
			"K8S-NODE-001": {
				Title: `Pod escapes to its node by "runc" <= 1.1`, Theme: "node", Actors: []string{"pod-attacker"}, Entry: []string{"workload"},
				Via: []string{"container-runtime"}, Affects: []string{"kubelet", "pod-token", "node"},
				Likelihood: model.Rating{Level: md}, Impact: model.Rating{Level: h}, ArisesFrom: []string{"static-pods"}, LeadsTo: []string{"K8S-STATE-001"},
				Countermeasures: map[string]*model.Mitigation{"pod-standard": {Effect: "prevent", Extent: "full"}},
			},
			"K8S-NODE-002": {
				Title: "Maintainer ships a poisoned image", Theme: "node", Actors: []string{"maintainer", "internet-attacker"}, Entry: []string{"image-registry"},
				Affects: []string{"workload"}, Likelihood: model.Rating{Level: vl}, Impact: model.Rating{Level: md}, ArisesOutside: "Upstream.",
			},
		},
		Countermeasures: map[string]*model.Countermeasure{
			"encrypt-state": {Title: "Encrypt the state", Default: "off", Responsibility: "operator"},
			"audit-access":  {Title: "Audit access to backups", Default: "conditional", Responsibility: "operator", Requires: []string{"audit-sink"}},
			"pod-standard":  {Title: "Restricted pod standard", Default: "on", Responsibility: "operator"},
			"two-people":    {Title: "Two people for each change", Default: "unavailable", Responsibility: "operator"},
			"unused":        {Title: "Countermeasure that nothing names", Default: "on", Responsibility: "project"},
		},
		AttackTrees: map[string]*model.AttackTree{
			"read-secrets": {
				Title: "Read all Secrets", Goal: "Read every Secret of the cluster", Root: "goal",
				Nodes: map[string]*model.TreeNode{
					"goal":       {Label: "Secrets are read", Gate: "or", Children: []string{"copy", "from-node", "break-tls"}},
					"copy":       {Label: "Copy the state", Gate: "sequence", Children: []string{"reach", "snapshot"}},
					"reach":      {Label: "Reach the machine", Reason: "An administrator may."},
					"snapshot":   {Label: "Take a snapshot", Threat: "K8S-STATE-001"},
					"from-node":  {Label: "From a node", Gate: "and", Children: []string{"escape", "go-on"}},
					"escape":     {Label: "Escape from a pod", Threat: "K8S-NODE-001"},
					"go-on":      {Label: "Get rights at the API", Subtree: "get-rights"},
					"break-tls":  {Label: "Break TLS", Assumption: "crypto-holds"},
					"left-alone": {Label: "A step that no way leads to", Threat: "K8S-NODE-002"},
				},
			},
			"get-rights": {
				Title: "Get rights", Goal: "Rights at the API", Root: "rights",
				Nodes: map[string]*model.TreeNode{"rights": {Label: "Rights at the API", Threat: "K8S-NODE-001"}},
			},
		},
		Scenarios: map[string]*model.Scenario{
			"apply": {Title: "kubectl apply", Description: "From the command to the running pod.", Steps: []model.Step{
				{Flow: "kubectl-to-apiserver", Note: "The manifest arrives."}, {Flow: "apiserver-to-etcd"}, {Flow: "kubelet-to-apiserver"},
				{Flow: "kubelet-to-runtime"}, {Flow: "runtime-to-registry"}, {Flow: "apiserver-to-etcd", Note: "The status is stored."},
			}},
		},
		Views: map[string]*model.View{
			"chain":    {Title: "Delivery", Kind: "supply-chain", Description: "From build to node.", Selects: model.Selection{Tags: []string{"chain"}, Components: []string{"container-runtime"}, Actors: []string{"maintainer"}}},
			"who":      {Title: "Who runs what", Kind: "responsibility", Description: "By party.", Selects: model.Selection{Boundaries: []string{"cluster", "provider"}}},
			"keys":     {Title: "Keys", Kind: "trust", Description: "Who believes what.", Selects: model.Selection{Components: []string{"etcd"}}},
			"insiders": {Title: "Insiders", Kind: "threat-map", Description: "What insiders can do.", Selects: model.Selection{Actors: []string{"node-administrator", "host-engineer"}}},
			"harmed":   {Title: "What the theme harms", Kind: "data-flow", Description: "By theme.", Selects: model.Selection{Themes: []string{"state"}}},
		},
	})
}

// Synthetic is a model with n threats and as much of everything else as a model of that size has.
func Synthetic(n int) *model.Model {
	m := &model.Model{
		Schema: "v1.0", Kind: "ThreatModel", RiskMatrix: riskMatrix(),
		Metadata: model.Metadata{Name: "synthetic", Title: "Synthetic model", Version: "1.0.0", Stage: "draft", Audience: "public"},
		Themes:   make(map[string]*model.Theme), Assumptions: make(map[string]*model.Assumption), Boundaries: make(map[string]*model.Boundary),
		Components: make(map[string]*model.Component), Features: make(map[string]*model.Feature), Assets: make(map[string]*model.Asset),
		Flows: make(map[string]*model.Flow), Actors: make(map[string]*model.Actor), Threats: make(map[string]*model.Threat),
		Countermeasures: make(map[string]*model.Countermeasure), AttackTrees: make(map[string]*model.AttackTree),
	}
	id := func(kind string, i, of int) string { return fmt.Sprintf("%s-%d", kind, i%max(of, 1)) }
	threat := func(i int) string { return fmt.Sprintf("SYN-%d", i%n) }
	themes, zones, components, actors := n/40+1, n/50+2, n/6+2, n/20+1
	features, assets, counters, flows, trees := n/2+1, n/10+1, n*3/4+1, n/3+1, n/60+1
	positions := []string{"external", "foothold", "former", "insider-organisation", "insider-cloud-host", "supply-chain", "automation"}
	words := []string{"enforced", "conditional", "conventional"}
	kinds := []string{"process", "store", "external-entity"}
	levels := model.Levels()
	for i := range themes {
		m.Themes[id("theme", i, themes)] = &model.Theme{Title: fmt.Sprintf("Theme %d", i)}
	}
	for i := range trees {
		m.Assumptions[id("assumption", i, trees)] = &model.Assumption{Statement: fmt.Sprintf("Assumption %d holds.", i)}
	}
	for i := range zones {
		z := &model.Boundary{Title: fmt.Sprintf("Zone %d", i), Plane: "execution", Instances: "one", Inward: words[i%3], Outward: words[(i+1)%3]}
		if i >= 3 {
			z.Parent = id("zone", (i-3)/2, zones)
		}
		m.Boundaries[id("zone", i, zones)] = z
	}
	for i := range components {
		// A third of all components stand in one zone, and a seventh of all flows end at one of them.
		zone := id("zone", i, zones)
		if i%3 == 0 {
			zone = id("zone", 1, zones)
		}
		m.Components[id("component", i, components)] = &model.Component{
			Title: fmt.Sprintf("Component %d", i), Kind: kinds[i%3], Boundary: zone, Instances: "one", Responsibility: "operator",
		}
	}
	for i := range flows {
		f := &model.Flow{
			Title: fmt.Sprintf("Flow %d", i), From: id("component", i*7, components), To: id("component", i*13+1, components),
			Protocol: "HTTPS", ClientAuth: "bearer-token", ServerAuth: "certificate", Encryption: "tls", TrustBasis: "bearer-secret",
		}
		if i%7 == 0 {
			f.To = id("component", 0, components)
		}
		if i%11 == 0 {
			f.From = id("actor", i, actors)
		}
		m.Flows[id("flow", i, flows)] = f
	}
	for i := range actors {
		m.Actors[id("actor", i, actors)] = &model.Actor{
			Title: fmt.Sprintf("Actor %d", i), Position: positions[i%7], Source: "adversarial", Capability: levels[i%5],
			Boundary: id("zone", i, zones), Access: map[string]string{id("component", i, components): "operate"},
		}
	}
	for i := range assets {
		m.Assets[id("asset", i, assets)] = &model.Asset{Title: fmt.Sprintf("Asset %d", i), Kind: "data", Confidentiality: "high", Integrity: "high", Availability: "low"}
	}
	for i := range features {
		m.Features[id("feature", i, features)] = &model.Feature{Title: fmt.Sprintf("Feature %d", i), Kind: "design", Default: "on"}
	}
	for i := range counters {
		m.Countermeasures[id("counter", i, counters)] = &model.Countermeasure{Title: fmt.Sprintf("Countermeasure %d", i), Default: "off", Responsibility: "operator"}
	}
	for i := range n {
		m.Threats[threat(i)] = &model.Threat{
			Title: fmt.Sprintf("Bad event %d happens", i), Theme: id("theme", i, themes),
			Actors: []string{id("actor", i, actors), id("actor", i*3+1, actors)}, Entry: []string{id("component", i, components)},
			Via:        []string{id("flow", i, flows)},
			Affects:    []string{id("asset", i, assets), id("component", i*5+2, components), id("component", i*3+1, components)},
			Likelihood: model.Rating{Level: levels[i%5]}, Impact: model.Rating{Level: levels[i/5%5]},
			ArisesFrom: []string{id("feature", i, features)}, LeadsTo: []string{threat(i + 1)},
			Countermeasures: map[string]*model.Mitigation{
				id("counter", i, counters): {Effect: "prevent", Extent: "partial"}, id("counter", i*3+1, counters): {Effect: "detect", Extent: "partial"},
			},
		}
	}
	for i := range trees {
		// Trees of 60 nodes, three children each.
		t := &model.AttackTree{Title: fmt.Sprintf("Tree %d", i), Goal: "Goal", Root: "node-0", Nodes: make(map[string]*model.TreeNode)}
		for j := range 60 {
			x := &model.TreeNode{Label: fmt.Sprintf("Node %d", j)}
			for c := 3*j + 1; c <= 3*j+3 && c < 60; c++ {
				x.Children = append(x.Children, fmt.Sprintf("node-%d", c))
			}
			switch {
			case len(x.Children) > 0:
				x.Gate = []string{"or", "and", "sequence"}[j%3]
			case j == 59:
				x.Assumption = id("assumption", i, trees)
			default:
				x.Threat = threat(i + j)
			}
			t.Nodes[fmt.Sprintf("node-%d", j)] = x
		}
		m.AttackTrees[id("tree", i, trees)] = t
	}
	return identify(m)
}
