/**
 * Every XQuery that the store asks. They are constants but for the name of the database, which `readAddress` has checked: as a
 * variable it would make BaseX lock all its databases. All values are bound, documents among them as base64.
 *
 *     resources/ID.xml            the resource's document, as it was published
 *     facetry/resources/ID.xml    <entry id revision created created-seq created-at modified-at sha256>meta</entry>
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
}

export function queriesOf(database: string): Queries {
  const state = `db:open('${database}', 'facetry/state.xml')/state`;
  const mine = `declare variable $owner external;
declare variable $state := ${state};`;
  const stale = `error(xs:QName('err:FOER0000'), '${STALE}')`;
  const changes = `declare variable $changes external;
declare function local:document($text) {
  try { parse-xml(convert:binary-to-string(xs:base64Binary($text), 'UTF-8')) }
  catch * { document { <bytes xmlns="urn:facetry:basex">{ $text }</bytes> } }
};
declare function local:entry($c) {
  document { <entry id="{ $c?id }" revision="{ $c?revision }" created="{ $c?created }" created-seq="{ $c?createdSeq }"
    created-at="{ $c?createdAt }" modified-at="{ $c?modifiedAt }" sha256="{ $c?sha256 }">{
    if (exists($c?meta)) then (attribute meta { 'yes' }, $c?meta) else () }</entry> }
};`;
  const beat = 'replace value of node $state/@heartbeat with string(current-dateTime())';
  return {
    state: `if (not(db:exists('${database}'))) then '{"exists":false}' else
let $state := ${state}
return serialize(map { 'exists': true(), 'documents': count(db:list('${database}')), 'state':
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
if ($state/@owner = $owner and $state/@revision = $from) then (
  replace value of node $state/@revision with $to,
  ${beat},
  for $c in parse-json($changes)?* return
    if (exists($c?xml)) then (
      db:replace('${database}', $c?path, local:document($c?xml)),
      db:replace('${database}', $c?entry, local:entry($c)))
    else (db:delete('${database}', $c?path), db:delete('${database}', $c?entry)))
else ${stale}`,
    add: `${mine}
${changes}
if ($state/@owner = $owner and $state/@building = 'yes') then (
  ${beat},
  for $c in parse-json($changes)?* return (
    db:add('${database}', local:document($c?xml), $c?path),
    db:add('${database}', local:entry($c), $c?entry)))
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
    release: `${mine}
if ($state/@owner = $owner) then replace value of node $state/@owner with '' else ()`,
  };
}
