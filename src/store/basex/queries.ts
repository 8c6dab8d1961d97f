/**
 * Every XQuery that the store asks. They are constants but for the name of the database, which `readAddress` has checked: as a
 * variable it would make BaseX lock all its databases. All values are bound, documents among them as base64.
 *
 *     resources/ID.xml            the resource's document, as it was published
 *     facetry/resources/ID.xml    <entry id revision created created-seq created-at modified-at sha256 stored>meta</entry>
 *                                 sha256: of the document as published; stored: of what BaseX says of it
 *     facetry/state.xml           <state journal owner host pid heartbeat revision building/>
 *
 * Each update holds the state against what its writer believes, in the same lock. So an update that was cut off and wakes up
 * later, or one of a process that has lost the database to another, changes nothing.
 */
export const STALE = 'facetry: the database is not as this writer left it';

export interface Queries {
  /** JSON: what is there */
  readonly state: string;
  /** makes the state document, or takes it over: $journal $owner $host $pid $revision $building, and $expected owner ('' for none) */
  readonly claim: string;
  /** $owner $from $to $changes */
  readonly apply: string;
  /** as `apply`, for documents that are not there yet; the revision stays */
  readonly add: string;
  /** $owner $revision: the building is done */
  readonly built: string;
  /** $owner */
  readonly beat: string;
  readonly release: string;
  /** JSON: every path of a resource or an entry */
  readonly paths: string;
  /** $paths $all; a line of JSON for each that is not as it was written, or with $all = 'yes' for each */
  readonly odd: string;
  /** $paths; a line of JSON for each */
  readonly contents: string;
  /** $owner $path: puts a document aside */
  readonly quarantine: string;
}

export function queriesOf(database: string): Queries {
  const state = `db:open('${database}', 'facetry/state.xml')/state`;
  const mine = `declare variable $owner external;
declare variable $state := ${state};`;
  const stale = `error(xs:QName('err:FOER0000'), '${STALE}')`;
  const said = `declare function local:said($document) {
  serialize($document, map { 'method': 'xml', 'indent': 'no', 'omit-xml-declaration': 'yes' })
};`;
  const hash = `${said}
declare function local:hash($document) { string(xs:hexBinary(hash:sha256(local:said($document)))) };`;
  const document = `declare function local:base64($document) {
  if ($document/bytes:bytes) then string($document[1]) else string(convert:string-to-base64(local:said($document)))
};`;
  const changes = `declare variable $changes external;
${hash}
declare function local:document($text) {
  try { parse-xml(convert:binary-to-string(xs:base64Binary($text), 'UTF-8')) }
  catch * { document { <bytes xmlns="urn:facetry:basex">{ $text }</bytes> } }
};
declare function local:entry($c, $document) {
  document { <entry id="{ $c?id }" revision="{ $c?revision }" created="{ $c?created }" created-seq="{ $c?createdSeq }"
    created-at="{ $c?createdAt }" modified-at="{ $c?modifiedAt }" sha256="{ $c?sha256 }" stored="{ local:hash($document) }">{
    if (exists($c?meta)) then (attribute meta { 'yes' }, $c?meta) else () }</entry> }
};`;
  const beat = 'replace value of node $state/@heartbeat with string(current-dateTime())';
  return {
    state: `if (not(db:exists('${database}'))) then '{"exists":false}' else
let $state := ${state}
return serialize(map { 'exists': true(), 'documents': count(db:list('${database}')), 'resources': count(db:list('${database}', 'resources')), 'state':
  if (empty($state)) then () else map {
    'journal': string($state/@journal), 'owner': string($state/@owner), 'host': string($state/@host), 'pid': string($state/@pid),
    'revision': number($state/@revision), 'building': $state/@building = 'yes',
    'age': (current-dateTime() - xs:dateTime($state/@heartbeat)) div xs:dayTimeDuration('PT1S') } },
  map { 'method': 'json', 'indent': 'no' })`,
    claim: `declare variable $expected external; declare variable $journal external; declare variable $owner external;
declare variable $host external; declare variable $pid external; declare variable $revision external; declare variable $building external;
if (string(${state}/@owner) = $expected) then
  db:replace('${database}', 'facetry/state.xml', document { <state journal="{ $journal }" owner="{ $owner }" host="{ $host }" pid="{ $pid }"
    heartbeat="{ current-dateTime() }" revision="{ $revision }" building="{ $building }"/> })
else ${stale}`,
    apply: `${mine}
declare variable $from external; declare variable $to external;
${changes}
declare %updating function local:put($old, $new, $path) {
  (: in place where there is one, because the list of documents then stays as it is :)
  if (count($old) = 1 and count($new/node()) = 1 and count($old/node()) = 1) then replace node $old/* with $new/*
  else db:replace('${database}', $path, $new)
};
if ($state/@owner = $owner and $state/@revision = $from) then (
  replace value of node $state/@revision with $to,
  ${beat},
  for $c in parse-json($changes)?* return
    if (exists($c?xml)) then (
      let $document := local:document($c?xml)
      return (
        local:put(db:open('${database}', $c?path), $document, $c?path),
        local:put(db:open('${database}', $c?entry), local:entry($c, $document), $c?entry)))
    else (db:delete('${database}', $c?path), db:delete('${database}', $c?entry)))
else ${stale}`,
    add: `${mine}
${changes}
if ($state/@owner = $owner and $state/@building = 'yes') then (
  ${beat},
  for $c in parse-json($changes)?*
  let $document := local:document($c?xml)
  return (
    db:add('${database}', $document, $c?path),
    db:add('${database}', local:entry($c, $document), $c?entry)))
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
    paths: `serialize(array { distinct-values((db:list('${database}', 'resources'),
  db:list('${database}', 'facetry/resources') ! substring-after(., 'facetry/'))) }, map { 'method': 'json', 'indent': 'no' })`,
    odd: `declare namespace bytes = "urn:facetry:basex";
declare variable $paths external; declare variable $all external;
${hash}
${document}
string-join(
  for $path in parse-json($paths)?*
  let $document := db:open('${database}', $path)
  let $entry := db:open('${database}', 'facetry/' || $path)/entry
  where $all = 'yes' or exists($document) or exists($entry)
  let $same := count($document) = 1 and exists($entry) and local:hash($document) = $entry/@stored
  where $all = 'yes' or not($same)
  return serialize(map:merge((
    map { 'path': $path, 'revision': string($entry/@revision), 'same': $same },
    if (exists($document) and not($same)) then map { 'xml': local:base64($document) } else ())), map { 'method': 'json', 'indent': 'no' }), '&#10;')`,
    contents: `declare namespace bytes = "urn:facetry:basex";
declare variable $paths external;
${said}
${document}
string-join(
  for $path in parse-json($paths)?*
  let $document := db:open('${database}', $path)
  let $entry := db:open('${database}', 'facetry/' || $path)/entry
  where exists($document)
  return serialize(map:merge((
    map { 'path': $path, 'xml': local:base64($document), 'created': string($entry/@created), 'createdSeq': string($entry/@created-seq) },
    if ($entry/@meta) then map { 'meta': string($entry) } else ())), map { 'method': 'json', 'indent': 'no' }), '&#10;')`,
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
