package main

// lists are the catalogues whose source is a table in the form that readList takes. A further one is a table in
// controls/testdata, named by the catalogue's id, and an entry here.
func lists() []catalog {
	return []catalog{
		{
			pkg: "admissionmodel",
			doc: `Package admissionmodel holds the threats of the Kubernetes Admission Control Threat Model of SIG Security: numbers
and titles, not their scenarios.

The document calls them Threat ID 1 to Threat ID 18; here they are threat-1 to threat-18. It has no version: what
stands for one is the commit of kubernetes/sig-security that was read.`,
			id:        "admission-control-threat-model",
			title:     "Kubernetes Admission Control Threat Model",
			version:   "599f46a",
			kind:      "threats",
			publisher: "Kubernetes SIG Security",
			license:   "Apache-2.0: copyright The Kubernetes Authors. Numbers and titles only.",
			url: "https://github.com/kubernetes/sig-security/blob/main/sig-security-docs/papers/admission-control/" +
				"kubernetes-admission-control-threat-model.md",
		},
		{
			pkg: "audit2019code",
			doc: `Package audit2019code holds the findings of the code review that Trail of Bits and Atredis Partners made of
Kubernetes 1.13.4, published in 2019: numbers, titles and the issues that track them, not their texts.

The numbers are those under which the project tracks the findings (kubernetes/kubernetes issue 81146): finding-1 to
finding-37. The report has ids besides, which do not follow these numbers and are of two series: finding 1 is
TOB-K8S-038, finding 22 is ATR-K8S-003. They could be verified for less than half of the findings, so that none is
used here.`,
			id:        "audit-2019-code-review",
			title:     "Kubernetes Security Review of 2019",
			version:   "2019",
			kind:      "threats",
			publisher: "Trail of Bits and Atredis Partners, for the Cloud Native Computing Foundation",
			license: "Published in kubernetes/sig-security, which is under Apache-2.0: copyright The Kubernetes Authors. " +
				"Numbers and titles only.",
			url: "https://github.com/kubernetes/kubernetes/issues/81146",
		},
		{
			pkg: "audit2019model",
			doc: `Package audit2019model holds the findings of the threat model that Trail of Bits made of Kubernetes 1.13.4, published
in 2019: ids, titles and components, not their texts.

The groups are the components that the report names.`,
			id:        "audit-2019-threat-model",
			title:     "Kubernetes Threat Model of 2019",
			version:   "2019",
			kind:      "threats",
			publisher: "Trail of Bits, for the Cloud Native Computing Foundation",
			license: "Published in kubernetes/sig-security, which is under Apache-2.0: copyright The Kubernetes Authors. " +
				"Ids and titles only.",
			url: "https://github.com/kubernetes/sig-security/tree/main/sig-security-external-audit/security-audit-2019",
		},
		{
			pkg: "audit2023",
			doc: `Package audit2023 holds the findings of the audit that NCC Group made of Kubernetes 1.24 in 2022, published in April
2023: ids, titles and parts, not their texts.

The groups are the parts of the report. The ids and titles are those of the report's own outline and anchors;
kubernetes/kubernetes issue 118980 tracks the findings.`,
			id:        "audit-2023",
			title:     "Kubernetes 1.24 Security Audit",
			version:   "2023",
			kind:      "threats",
			publisher: "NCC Group, for the Cloud Native Computing Foundation",
			license: "Published in kubernetes/sig-security, which is under Apache-2.0: copyright The Kubernetes Authors. " +
				"Ids and titles only.",
			url: "https://github.com/kubernetes/kubernetes/issues/118980",
		},
		{
			pkg: "capec",
			doc: `Package capec holds the attack patterns of MITRE CAPEC 3.9: ids, names, parents and states, not their descriptions.

The tags meta, standard and detailed are the level of abstraction. CAPEC lets a pattern be a child of several: 25
are, and of these the parent here is the first that CAPEC names. Its one obsolete pattern, CAPEC-5, is deprecated
here.

MITRE asks that a copy reproduces its licence: "The MITRE Corporation (MITRE) hereby grants you a non-exclusive,
royalty-free license to use Common Attack Pattern Enumeration and Classification (CAPEC™) for research, development,
and commercial purposes. Any copy you make for such purposes is authorized provided that you reproduce MITRE's
copyright designation and this license in any such copy." The copyright designation is the catalogue's license field.`,
			id:        "mitre-capec",
			title:     "Common Attack Pattern Enumeration and Classification",
			version:   "3.9",
			kind:      "techniques",
			publisher: "The MITRE Corporation",
			license:   "Copyright © 2007-2026, The MITRE Corporation. CAPEC and the CAPEC logo are trademarks of The MITRE Corporation.",
			url:       "https://capec.mitre.org/",
		},
		{
			pkg: "clusterapiassessment",
			doc: `Package clusterapiassessment holds the threats of the Cluster API Security Self-Assessment of Kubernetes SIG
Security: ids and titles, not their descriptions.

The groups are the headings of STRIDE under which they stand. What the assessment found wrong with the project's way
of working (DEV-01 to DEV-03) is no part of its threats and is left out.`,
			id:        "cluster-api-assessment",
			title:     "Cluster API Security Self-Assessment",
			version:   "2022-03-02",
			kind:      "threats",
			publisher: "Kubernetes SIG Security and SIG Cluster Lifecycle",
			license:   "Apache-2.0: copyright The Kubernetes Authors. Ids and titles only.",
			url: "https://github.com/kubernetes/sig-security/blob/main/sig-security-assessments/cluster-api/" +
				"self-assessment.md",
		},
		{
			pkg: "csf20",
			doc: `Package csf20 holds the subcategories of the NIST Cybersecurity Framework 2.0.

The groups are the categories, and the tags govern, identify, protect, detect, respond and recover the functions. The
titles are the publisher's outcomes, shortened where a title has no room for them, and always without their examples.
Ids that only version 1.1 has are left out.`,
			id:        "nist-csf-2",
			title:     "The NIST Cybersecurity Framework (CSF) 2.0",
			version:   "2.0",
			kind:      "requirements",
			publisher: "National Institute of Standards and Technology",
			license:   "Public domain: a work of the United States government.",
			url:       "https://www.nist.gov/cyberframework",
		},
		{
			pkg: "cwe",
			doc: `Package cwe holds the weaknesses of MITRE CWE 4.15: ids, names and states, not their descriptions. Categories, views
and the relations of weaknesses are left out.

The tags pillar, class, base, variant and compound are the level of abstraction. One name, of CWE-1423, is longer
than a title can be and ends here in "Influencing Transient Execution".

MITRE asks that a copy reproduces its licence: "The MITRE Corporation (MITRE) hereby grants you a non-exclusive,
royalty-free license to use Common Weakness Enumeration (CWE™) for research, development, and commercial purposes.
Any copy you make for such purposes is authorized provided that you reproduce MITRE's copyright designation and this
license in any such copy." The copyright designation is the catalogue's license field.`,
			id:        "mitre-cwe",
			title:     "Common Weakness Enumeration",
			version:   "4.15",
			kind:      "weaknesses",
			publisher: "The MITRE Corporation",
			license: "Copyright © 2006-2024, The MITRE Corporation. CWE, CWSS, CWRAF, and the CWE logo are trademarks of " +
				"The MITRE Corporation.",
			url: "https://cwe.mitre.org/",
		},
		{
			pkg: "finosk8s",
			doc: `Package finosk8s holds the threats of the FINOS Common Cloud Controls for managed Kubernetes: ids, titles and groups,
not their descriptions. The threats that it imports from the core catalogue of FINOS, and its controls, are left out.`,
			id:        "finos-ccc-kubernetes",
			title:     "FINOS Common Cloud Controls: managed Kubernetes, threats",
			version:   "2026-08-19",
			kind:      "threats",
			publisher: "FINOS, the Fintech Open Source Foundation",
			license: "Community Specification License 1.0: copyright the contributors to FINOS Common Cloud Controls. " +
				"Ids and titles only.",
			url: "https://github.com/finos/common-cloud-controls",
		},
		{
			pkg: "kubernetescves",
			doc: `Package kubernetescves holds vulnerabilities of Kubernetes: the fixed ones that the project's feed had in November
2024, and a supplement by hand of those that it had not, up to 2025. It is not the whole of the feed.

The titles are not the publisher's: they say in a few words what is wrong. The groups are the components that the
feed names; runc is not the project's own and stands here since every cluster has it or its like. The tag unfixed
marks what no release fixes: the four that are by-design as well, and CVE-2025-1767, whose volume type is deprecated
and off by default since 1.33. CVE-2024-7598, for which the feed names no release, is fixed by the order in which
1.34 deletes what a namespace holds.`,
			id:        "kubernetes-cves",
			title:     "Vulnerabilities of Kubernetes",
			version:   "2024-11-18, with a supplement",
			kind:      "vulnerabilities",
			publisher: "Kubernetes Security Response Committee",
			license: "Apache-2.0 (kubernetes-sigs/cve-feed-osv): copyright The Kubernetes Authors. Ids, components and " +
				"states only.",
			url: "https://kubernetes.io/docs/reference/issues-security/official-cve-feed/",
		},
		{
			pkg: "mskubernetes",
			doc: `Package mskubernetes holds the techniques of Microsoft's Threat Matrix for Kubernetes: ids, names and tactics, not
their descriptions.

The groups are the tactics, in the order of the matrix; their ids are made of their names. MS-TA9032 is not used.

The matrix is by Microsoft and under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Its ids, names and
tactics are unchanged; everything else is left out. Microsoft does not endorse this copy.`,
			id:        "microsoft-kubernetes-matrix",
			title:     "Threat Matrix for Kubernetes",
			version:   "2023-01-23",
			kind:      "techniques",
			publisher: "Microsoft",
			license: "© Microsoft. Threat Matrix for Kubernetes (https://github.com/microsoft/Threat-Matrix-for-Kubernetes), " +
				"under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Ids, names and tactics only.",
			url: "https://microsoft.github.io/Threat-Matrix-for-Kubernetes/",
		},
		{
			pkg: "nis2",
			doc: `Package nis2 holds the measures that Article 21 of Directive (EU) 2022/2555 (NIS 2) asks of essential and important
entities: the points of its paragraph 2, and paragraph 3 on how the supply chain is to be judged. The titles are
short and not the Directive's words; the text that counts is the one in the Official Journal.`,
			id:        "eu-nis2-article-21",
			title:     "Directive (EU) 2022/2555 (NIS 2), Article 21",
			version:   "2022-12-14",
			kind:      "requirements",
			publisher: "European Union",
			license:   "© European Union, https://eur-lex.europa.eu/, 1998-2026. Article and point numbers only.",
			url:       "https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
		},
		owasp("2022"),
		owasp("2025"),
		{
			pkg: "slsathreats",
			doc: `Package slsathreats holds the supply chain threats of SLSA: the steps of its diagram and the titles of the threats at
each, not their descriptions.

The steps A to I are entries with the tag step, so that it can be counted how many of the nine are answered. What B
is parted into (B1 to B4) and the threats name the step above them as their parent. The groups are the headings of
the page; dependency, availability and verification threats are at no step. SLSA gives the threats no ids: a threat's
is the step or the group, and its title without what stands in brackets, as F/build-with-untrusted-ci-cd.`,
			id:        "slsa-threats",
			title:     "SLSA: Threats & mitigations",
			version:   "2026-07-20",
			kind:      "threats",
			publisher: "The SLSA project of the Open Source Security Foundation",
			license:   "Community Specification License 1.0: copyright the SLSA contributors. Titles only.",
			url:       "https://slsa.dev/spec/draft/threats",
		},
	}
}

// owasp returns the Kubernetes Top Ten of a year: K01 means something else in each.
func owasp(year string) catalog {
	return catalog{
		pkg: "owaspk8s" + year,
		doc: `Package owaspk8s` + year + ` holds the OWASP Kubernetes Top Ten of ` + year + `: ids and titles. The list of another year
gives the same ids to other risks and is a catalogue of its own.

OWASP states CC BY-SA 4.0 in one place and CC BY-NC-SA 4.0 in another, so that no more than titles is taken.`,
		id:        "owasp-kubernetes-" + year,
		title:     "OWASP Kubernetes Top Ten " + year,
		version:   year,
		kind:      "threats",
		publisher: "The OWASP Foundation",
		license:   "© The OWASP Foundation, under CC BY-SA 4.0 or CC BY-NC-SA 4.0: the publisher states both. Ids and titles only.",
		url:       "https://owasp.org/www-project-kubernetes-top-ten/",
	}
}
