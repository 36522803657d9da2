// What mermaid.min.js asks of a browser before it parses, and no more. The parser itself needs no page; DOMPurify,
// which Mermaid runs over labels, does: it is given a document that hands each text back as it is.
var window = globalThis;
var self = globalThis;
var console = { log() {}, info() {}, warn() {}, error() {}, debug() {}, trace() {} };
var setTimeout = () => 0;
var clearTimeout = () => {};
var structuredClone = (x) => (x === undefined ? x : JSON.parse(JSON.stringify(x)));

window.addEventListener = () => {};
window.Element = class {
  cloneNode() {}
  remove() {}
  get nextSibling() { return null; }
  get childNodes() { return []; }
  get parentNode() { return null; }
};
window.HTMLTemplateElement = class extends Element {};
window.HTMLFormElement = class extends Element {};
window.Node = class extends Element {};
window.NodeFilter = class {};
window.NamedNodeMap = class {};
window.DOMParser = class {
  parseFromString(text) { return { documentElement: {}, body: { innerHTML: text } }; }
};
var document = {
  nodeType: 9,
  readyState: "complete",
  implementation: { createHTMLDocument() {} },
  addEventListener() {},
  createElement() { return new Element(); },
  createNodeIterator() { return { nextNode() { return null; } }; },
  getElementsByTagName() { return [this.body]; },
};

// tmkit is the test's side: parse starts work whose outcome is in answer once the pending jobs have run.
var tmkit = {
  answer: "",

  parse(text) {
    tmkit.answer = "";
    tmkit.read(text).then(
      (drawing) => { tmkit.answer = JSON.stringify({ drawing }); },
      (fault) => { tmkit.answer = JSON.stringify({ fault: String((fault && fault.message) || fault) }); },
    );
  },

  async read(text) {
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const drawing = { title: "", description: "", nodes: {}, clusters: {}, edges: [] };
    drawing.title = tmkit.plain(db.getAccTitle ? db.getAccTitle() : "");
    drawing.description = tmkit.plain(db.getAccDescription ? db.getAccDescription() : "");
    if (!db.getVertices) return drawing;
    for (const v of [...(db.getVertices().values ? db.getVertices().values() : Object.values(db.getVertices()))]) {
      drawing.nodes[v.id] = tmkit.plain(v.text);
    }
    for (const s of db.getSubGraphs()) {
      drawing.clusters[s.id] = tmkit.plain(s.title);
      delete drawing.nodes[s.id];
    }
    for (const e of db.getEdges()) {
      drawing.edges.push({ from: e.start, to: e.end, label: tmkit.plain(e.text) });
    }
    return drawing;
  },

  // plain undoes Mermaid's own stand-ins for entities, and the line breaks.
  plain(text) {
    return String(text || "")
      .replace(/<br\s*\/?>/g, "\n")
      .replace(/ﬂ°°(\d+)¶ß/g, (_, n) => String.fromCodePoint(+n));
  },
};
