package page

import (
	"encoding/json"
	"fmt"
)

// hostile is a collection whose description, field documentation and documents want to
// become HTML.
const hostile = `description: "<script>window.canary=1</script><img src=x onerror=window.canary=1>"
append_only: true
time: {field: "@timestamp"}
index: {policy: periodic, period: day, replicas: 0}
search: {default: [message], wildcards: true}
fields:
  "@timestamp": {type: date}
  message: {type: text, doc: "\"><svg onload=window.canary=1>"}
  level: {type: keyword, doc: "<script>window.canary=1</script>"}
  a: {type: object, mapping: {enabled: false}}
`

// payloads run as script, load something or break out of where they stand, wherever they
// are not escaped.
var payloads = []string{
	`<script>window.canary=1</script>`,
	`</script><script>window.canary=1</script>`,
	`<img src=x onerror=window.canary=1>`,
	`"><img src=x onerror=window.canary=1>`,
	`'><img src=x onerror=window.canary=1>`,
	`<svg onload=window.canary=1>`,
	`<svg><script>window.canary=1</script></svg>`,
	`<svg><animate onbegin=window.canary=1 attributeName=x dur=1s>`,
	`<svg><a xlink:href="javascript:window.canary=1"><text>x</text></a></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=window.canary=1>`,
	`javascript:window.canary=1`,
	`JaVaScRiPt:window.canary=1`,
	"java\tscript:window.canary=1",
	`data:text/html,<script>window.canary=1</script>`,
	`vbscript:window.canary=1`,
	`<a href="javascript:window.canary=1">x</a>`,
	`<iframe srcdoc="<script>parent.canary=1</script>"></iframe>`,
	`<iframe src="javascript:parent.canary=1"></iframe>`,
	`<object data="javascript:window.canary=1"></object>`,
	`<embed src="javascript:window.canary=1">`,
	`<body onload=window.canary=1>`,
	`<input autofocus onfocus=window.canary=1>`,
	`<details open ontoggle=window.canary=1>`,
	`<video><source onerror=window.canary=1></video>`,
	`<audio src=x onerror=window.canary=1>`,
	`<marquee onstart=window.canary=1>`,
	`<link rel=stylesheet href="data:text/css,*{color:red}">`,
	`<style>*{display:none}</style>`,
	`<meta http-equiv=refresh content="0;url=javascript:window.canary=1">`,
	`<base href="https://attacker.invalid/">`,
	`<form action="javascript:window.canary=1"><button>x</button></form>`,
	`<template><script>window.canary=1</script></template>`,
	`<noscript><p title="</noscript><img src=x onerror=window.canary=1>">`,
	`" onmouseover="window.canary=1" x="`,
	`' onmouseover='window.canary=1' x='`,
	"` onmouseover=`window.canary=1",
	`" autofocus onfocus="window.canary=1`,
	`</title><script>window.canary=1</script>`,
	`</textarea><script>window.canary=1</script>`,
	`</pre></details></td></tr></table><script>window.canary=1</script>`,
	`<!--><script>window.canary=1</script>-->`,
	`<![CDATA[<script>window.canary=1</script>]]>`,
	`]]><script>window.canary=1</script>`,
	`${window.canary=1}`,
	`{{constructor.constructor('window.canary=1')()}}`,
	`<%= window.canary=1 %>`,
	`#{window.canary=1}`,
	`%s%d%!v(MISSING)%n`,
	"\u2028window.canary=1\u2029",
	"\u202e<script>window.canary=1</script>",
	`&lt;script&gt;window.canary=1&lt;/script&gt;`,
	`&#60;script&#62;window.canary=1&#60;/script&#62;`,
	`\u003cscript\u003ewindow.canary=1\u003c/script\u003e`,
	`+ADw-script+AD4-window.canary=1+ADw-/script+AD4-`,
	"<scr\x7fipt>window.canary=1</scr\x7fipt>",
	`<em>window.canary=1</em><em onclick=window.canary=1>found</em>`,
	`__proto__`, `constructor`, `<em>`,
}

// hostileDocuments hold each payload as text, as keyword, as id and as a name.
func hostileDocuments() map[string]string {
	all := map[string]string{}
	for i, p := range payloads {
		text, _ := json.Marshal(p)
		word, _ := json.Marshal("found " + p)
		id := fmt.Sprintf("%02d%s", i, p)
		all[id] = fmt.Sprintf(`{"@timestamp":"2026-03-01T00:%02d:00Z","message":%s,"level":%s,"a":{%s:%s}}`, i, word, text, text, text)
	}
	return all
}
