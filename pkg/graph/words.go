package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tmkit/tmkit/pkg/analysis"
	"github.com/tmkit/tmkit/pkg/model"
)

// plain writes a word of the schema as a person would: "very-high" is "very high".
func plain[S ~string](word S) string { return strings.ReplaceAll(string(word), "-", " ") }

// count writes a number with its noun.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, noun[:len(noun)-1])
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// few joins at most three items and counts the others.
func few(items []string) string {
	if len(items) > 4 {
		items = append(slices.Clone(items[:3]), fmt.Sprintf("%d more", len(items)-3))
	}
	return strings.Join(items, ", ")
}

// unique returns the items that are not empty, each once, in their order.
func unique(items []string) []string {
	var out []string
	for _, x := range items {
		if x != "" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// position names where actors stand, so that it can follow the word actor.
func position(p string) string {
	switch p {
	case "external":
		return "outside"
	case "foothold":
		return "with a foothold"
	case "former":
		return "formerly inside"
	case "insider-organisation":
		return "inside the organisation"
	case "insider-cloud-host":
		return "inside the cloud host"
	case "supply-chain":
		return "in the supply chain"
	case "automation":
		return "automation"
	}
	return plain(p)
}

// clientAuth says in a few words how the initiating side of a flow proves who it is.
func clientAuth(f *model.Flow) string {
	switch f.ClientAuth {
	case "none":
		return "no authentication"
	case "network-position":
		return "trusted by network position"
	case "bearer-token":
		return "token"
	case "federated":
		return "federated identity"
	case "other":
		return "other authentication"
	}
	return plain(f.ClientAuth)
}

// ports lists the ports of a flow.
func ports(f *model.Flow) string {
	var out []string
	for _, p := range f.Ports {
		out = append(out, fmt.Sprint(p))
	}
	return few(out)
}

// protocol is the name of a flow's protocol without what is said about it in brackets or as an alternative.
func protocol(f *model.Flow) string {
	for _, end := range []string{" (", ", ", " or "} {
		if name, _, ok := strings.Cut(f.Protocol, end); ok {
			return protocol(&model.Flow{Protocol: name})
		}
	}
	return f.Protocol
}

// flowWords says what a single flow is: protocol, client authentication, and what a reviewer must not overlook.
func flowWords(f *model.Flow) string {
	words := []string{protocol(f), clientAuth(f)}
	if f.Encryption == "none" {
		words = append(words, "in clear")
	}
	if f.Between == "other-instance" {
		words = append(words, "to another instance")
	}
	return strings.Join(words, ", ")
}

// flowLines is the label of an arrow that stands for these flows.
func flowLines(flows []*model.Flow) []string {
	if len(flows) == 1 {
		return []string{flowWords(flows[0])}
	}
	var protocols, auths []string
	for _, f := range flows {
		protocols = append(protocols, protocol(f))
		auths = append(auths, clientAuth(f))
	}
	return []string{count(len(flows), "flow") + ": " + few(unique(protocols)), few(unique(auths))}
}

// effect says what a countermeasure does about a threat, and whether it does so as installed.
func effect(mit *model.Mitigation, c *model.Countermeasure) []string {
	var does string
	switch mit.Effect {
	case "prevent":
		does = "prevents it"
	case "detect":
		does = "detects it"
	case "limit":
		does = "limits it"
	case "recover":
		does = "recovers from it"
	case "deter":
		does = "deters from it"
	}
	if mit.Extent == "full" {
		does += ", fully"
	} else {
		does += ", in part"
	}
	return []string{does, byDefault(c)}
}

// byDefault says how a countermeasure is as installed.
func byDefault(c *model.Countermeasure) string {
	switch c.Default {
	case "on":
		return "on by default"
	case "off":
		return "to be configured"
	case "conditional":
		return "depends on the installation"
	case "unavailable":
		return "not in the product"
	}
	return plain(c.Default)
}

// risk is the risk of a threat as installed, and in words.
func (b *builder) risk(threat string) (model.Level, string) {
	f := b.f.Threats[threat]
	if f == nil || f.AsInstalled.Risk == "" {
		return "", "not rated"
	}
	return f.AsInstalled.Risk, plain(f.AsInstalled.Risk)
}

// badge counts threats and names the worst: "3 threats, worst high". It is empty where there are none.
func (b *builder) badge(threats []string) string {
	var worst model.Level
	for _, id := range threats {
		if level, _ := b.risk(id); level.Rank() > worst.Rank() {
			worst = level
		}
	}
	switch {
	case len(threats) == 0:
		return ""
	case worst == "":
		return count(len(threats), "threat")
	case len(threats) == 1:
		return "1 threat, " + plain(worst)
	}
	return count(len(threats), "threat") + ", worst " + plain(worst)
}

// crossings lists the borders that a flow crosses.
func (b *builder) crossings(flow string) string {
	f := b.f.Flows[flow]
	if f == nil {
		return ""
	}
	var out []string
	for _, c := range f.Crossings {
		out = append(out, fmt.Sprintf("%s (%s, %s)", b.title(c.Boundary), c.Direction, c.Strength))
	}
	return strings.Join(out, ", ")
}

// assessment writes likelihood and impact of a threat in a state.
func assessment(a analysis.Assessment) string {
	return fmt.Sprintf("likelihood %s, impact %s", plain(a.Likelihood), plain(a.Impact))
}

// line folds text to one line.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// sentence joins what is not empty with semicolons.
func sentence(parts ...string) string { return strings.Join(unique(parts), "; ") }
