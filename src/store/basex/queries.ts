/**
 * Every XQuery that the store asks. They are constants but for the name of the database, which `readAddress` has checked: as a
 * variable it would make BaseX lock all its databases. All values are bound, documents among them.
 *
 *     resources/ID.xml          the resource's document, as it was published
 *     facetry/entries/HHH.xml   <entries><entry path="resources/ID.xml">STORED FACTS</entry> …</entries>
 *                               FACTS: JSON, see group.ts; STORED: hash of what BaseX says of the document
 *     facetry/state.xml         <state layout journal owner host pid heartbeat revision building/>
 *
 * To change texts is the cheapest that BaseX can do: whatever changes the number of nodes moves the namespaces of all documents
 * behind. So a document of the same shape as before gets its new texts and is left in its place otherwise; and an entry is one text,
 * because to put an element with an attribute for each fact in its place took longer than the document itself.
 *
 * Each update holds the state against what its writer believes, in the same lock. So an update that was cut off and wakes up
 * later, or one of a process that has lost the database to another, changes nothing.
 */
export const STALE = 'facetry: the database is not as this writer left it';

/** Databases of another layout are made anew. */
export const LAYOUT = 'entries-1024';

export interface Queries {
  /** JSON: what is there */
  readonly state: string;
  /** when it was changed last, as BaseX says it */
  readonly timestamp: string;
  /** makes the state document, or takes it over: $journal $owner $host $pid $revision $building, and $expected owner ('' for none) */
  readonly claim: string;
  /** $owner $from $to $changes, and $count of the documents as their places are known ('' if they are not); a line for each document that was not where it was said to be */
  readonly apply: string;
  /** makes the entries' documents, empty: $owner $paths */
  readonly addBuckets: string;
  /** $owner $changes: documents that are not there yet; a line for each: its hash. Their entries come later. */
  readonly add: string;
  /** $owner $buckets */
  readonly addEntries: string;
  /** $owner $revision: the building is done */
  readonly built: string;
  /** $owner */
  readonly beat: string;
  readonly release: string;
  /** JSON: the path of every document, in the order of the database */
  readonly order: string;
  /** JSON: every path of a resource or an entry */
  readonly paths: string;
  /** $places $all; a line of JSON for each that is not as it was written, or with $all = 'yes' for each */
  readonly odd: string;
  /** $places; a line of JSON for each */
  readonly contents: string;
  /** $owner $path: puts a document aside */
  readonly quarantine: string;
}

// Written out where they are used: a function declared in the query takes BaseX as long as the rest of it.
const saidOf = (node: string) => `serialize(${node}, map { 'method': 'xml', 'indent': 'no', 'omit-xml-declaration': 'yes' })`;
const hashOf = (node: string) => `string(xs:hexBinary(hash:sha256(${saidOf(node)})))`;
/** What is no XML, or none for BaseX, is kept as it is. */
const parsed = (c: string) => `(try { parse-xml(string(${c}?xml)) }
        catch * { document { <bytes xmlns="urn:facetry:basex">{
          if (exists(${c}?bytes)) then ${c}?bytes else string(convert:string-to-base64(string(${c}?xml))) }</bytes> } })`;
/** All that is said but the texts, each of which leaves its mark. */
const shapeOf = (said: string) => `replace(${said}, '>[^<]+<', '>.<')`;

export function queriesOf(database: string): Queries {
  const state = `db:open('${database}', 'facetry/state.xml')/state`;
  const mine = `declare variable $owner external;
declare variable $state := ${state};`;
  const stale = `error(xs:QName('err:FOER0000'), '${STALE}')`;
  const entry = `declare function local:at($k, $path) {
  let $there := if (exists($k)) then util:item(db:open('${database}'), $k) else ()
  return if (exists($there) and db:path($there) = $path) then $there else db:open('${database}', $path)
};
declare function local:entry($place) { local:at($place?b, $place?bucket)/entries/entry[@path = $place?path] };`;
  const document = `declare function local:base64($document) {
  if ($document/bytes:bytes) then string($document[1]) else string(convert:string-to-base64(${saidOf('$document')}))
};`;
  const beat = 'replace value of node $state/@heartbeat with string(current-dateTime())';
  return {
    state: `if (not(db:exists('${database}'))) then '{"exists":false}' else
let $state := ${state}
return serialize(map { 'exists': true(), 'timestamp': db:property('${database}', 'timestamp'), 'documents': count(db:list('${database}')), 'resources': count(db:list('${database}', 'resources')), 'state':
  if (empty($state)) then () else map {
    'layout': string($state/@layout), 'journal': string($state/@journal), 'owner': string($state/@owner), 'host': string($state/@host), 'pid': string($state/@pid),
    'revision': number($state/@revision), 'building': $state/@building = 'yes',
    'age': (current-dateTime() - xs:dateTime($state/@heartbeat)) div xs:dayTimeDuration('PT1S') } },
  map { 'method': 'json', 'indent': 'no' })`,
    timestamp: `db:property('${database}', 'timestamp')`,
    claim: `declare variable $expected external; declare variable $journal external; declare variable $owner external;
declare variable $host external; declare variable $pid external; declare variable $revision external; declare variable $building external;
let $old := ${state}
return if (string($old/@owner) = $expected) then (
  let $new := <state layout="${LAYOUT}" journal="{ $journal }" owner="{ $owner }" host="{ $host }" pid="{ $pid }"
    heartbeat="{ current-dateTime() }" revision="{ $revision }" building="{ $building }"/>
  (: in its place, which is the first :)
  return if (exists($old)) then replace node $old with $new else db:add('${database}', document { $new }, 'facetry/state.xml'))
else ${stale}`,
    apply: `declare variable $owner external; declare variable $from external; declare variable $to external;
declare variable $changes external; declare variable $count external;
let $all := db:open('${database}')
let $complete := string(count($all)) = $count
let $first := util:item($all, 1)
let $state := (if (db:path($first) = 'facetry/state.xml') then $first/state else ${state})
return if ($state/@owner = $owner and $state/@revision = $from) then (
  replace value of node $state/@revision with $to,
  ${beat},
  for $c in parse-json($changes)?*
  let $hit := if (exists($c?k)) then util:item($all, $c?k) else ()
  let $hits := exists($hit) and db:path($hit) = $c?path
  (: as many documents as are known: then one that is not known is not there :)
  let $new := $complete and exists($c?fresh)
  let $old := if ($hits) then $hit else if ($new) then () else db:open('${database}', $c?path)
  let $there := util:item($all, $c?b)
  let $bucket := if (exists($there) and db:path($there) = $c?bucket) then $there else db:open('${database}', $c?bucket)
  let $entry := $bucket/entries/entry[@path = $c?path]
  return (
    if (exists($c?facts)) then (
      let $document := ${parsed('$c')}
      let $said := ${saidOf('$document')}
      let $text := string(xs:hexBinary(hash:sha256($said))) || ' ' || $c?facts
      return (
        if (count($old) = 1 and count($document/node()) = 1 and count($old/node()) = 1) then
          let $olds := $old//text()
          let $news := $document//text()
          return if (count($olds) = count($news) and empty(($old, $document)//(comment() | processing-instruction()))
            and ${shapeOf(saidOf('$old'))} = ${shapeOf('$said')}) then
            for $one at $n in $olds
            let $other := $news[$n]
            where $one != $other
            return replace value of node $one with string($other)
          else replace node $old/* with $document/*
        else if ($new) then db:add('${database}', $document, $c?path)
        else (db:replace('${database}', $c?path, $document), if (exists($old)) then update:output($c?path) else ()),
        if (exists($entry/text())) then replace value of node $entry/text() with $text
        else insert node <entry path="{ $c?path }">{ $text }</entry> into $bucket/entries))
    else (db:delete('${database}', $c?path), delete node $entry),
    if (exists($c?k) and not($hits)) then update:output($c?path) else ()))
else ${stale}`,
    addBuckets: `${mine}
declare variable $paths external;
if ($state/@owner = $owner and $state/@building = 'yes') then
  for $path in parse-json($paths)?* return db:add('${database}', <entries/>, $path)
else ${stale}`,
    add: `${mine}
declare variable $changes external;
if ($state/@owner = $owner and $state/@building = 'yes') then (
  ${beat},
  for $c in parse-json($changes)?*
  let $new := ${parsed('$c')}
  return (db:add('${database}', $new, $c?path), update:output(${hashOf('$new')})))
else ${stale}`,
    addEntries: `${mine}
${entry}
declare variable $buckets external;
if ($state/@owner = $owner and $state/@building = 'yes') then (
  ${beat},
  for $bucket in parse-json($buckets)?*
  return replace node local:at($bucket?b, $bucket?bucket)/entries with <entries>{
    for $e in $bucket?entries?* return <entry path="{ $e?path }">{ $e?text }</entry> }</entries>)
else ${stale}`,
    built: `${mine}
declare variable $revision external;
if ($state/@owner = $owner) then (
  replace value of node $state/@revision with $revision,
  replace value of node $state/@building with 'no',
  ${beat})
else ${stale}`,
    beat: `${mine}
if ($state/@owner = $owner) then ${beat} else ${stale}`,
    order: `serialize(array { db:open('${database}') ! db:path(.) }, map { 'method': 'json', 'indent': 'no' })`,
    paths: `serialize(array { distinct-values((db:list('${database}', 'resources'),
  db:open('${database}', 'facetry/entries')/entries/entry/@path)) }, map { 'method': 'json', 'indent': 'no' })`,
    odd: `declare namespace bytes = "urn:facetry:basex";
declare variable $places external; declare variable $all external;
${entry}
${document}
string-join(
  for $place in parse-json($places)?*
  let $document := local:at($place?k, $place?path)
  let $entry := local:entry($place)
  where $all = 'yes' or exists($document) or exists($entry)
  let $same := count($document) = 1 and count($entry) = 1 and ${hashOf('$document')} = substring-before($entry, ' ')
  where $all = 'yes' or not($same)
  return serialize(map:merge((
    map { 'path': $place?path, 'entry': string($entry[1]), 'same': $same },
    if (exists($document) and not($same)) then map { 'xml': local:base64($document) } else ())), map { 'method': 'json', 'indent': 'no' }), '&#10;')`,
    contents: `declare namespace bytes = "urn:facetry:basex";
declare variable $places external;
${entry}
${document}
string-join(
  for $place in parse-json($places)?*
  let $document := local:at($place?k, $place?path)
  where exists($document)
  return serialize(map { 'path': $place?path, 'xml': local:base64($document), 'entry': string(local:entry($place)[1]) },
    map { 'method': 'json', 'indent': 'no' }), '&#10;')`,
    quarantine: `${mine}
declare variable $path external;
if ($state/@owner = $owner) then (
  for $document at $n in db:open('${database}', $path)
  return db:add('${database}', $document, string-join(('facetry/quarantine', string($n)[. != '1'], $path), '/')),
  db:delete('${database}', $path))
else ${stale}`,
    release: `${mine}
if ($state/@owner = $owner) then replace value of node $state/@owner with '' else ()`,
  };
}
