/**
 * libxml2's XPath, one document after the other, over trees that are already parsed (parsing them for each question
 * would cost several times as much). Runs in a process of its own: `node --import tsx side-libxml2.ts SIZE`.
 */
import { XmlDocument, XmlXPath } from 'libxml2-wasm';
import { openCorpus, SIZES, type SizeName } from './corpus.js';
import type { QueryTime } from './results.js';
import { median, sample } from './statistics.js';

/** 10 KB a tree: more than this would measure memory, not XPath. */
const SAMPLE = 1_000;

const size = process.argv[2] as SizeName;
const corpus = await openCorpus();
const documents = Array.from(corpus.documents(SAMPLE), (text) => XmlDocument.fromString(text));
const times: QueryTime[] = [];
for (const query of corpus.queries) {
  const xpath = XmlXPath.compile(query.xpath, corpus.namespaces as Record<string, string>);
  const evaluate = () => documents.reduce((count, document) => count + document.find(xpath).length, 0);
  const found = evaluate();
  if (found !== query.expected['1k']) throw new Error(`libxml2 selects ${found} nodes for ${query.name}, not ${query.expected['1k']}`);
  const ms = median(await sample(evaluate, { least: 3, most: 20, ms: 200 })) * (SIZES[size] / SAMPLE);
  xpath.dispose();
  times.push({ name: query.name, count: found, ms });
}
process.send?.({ sampled: SAMPLE, times });
