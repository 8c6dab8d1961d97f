/** The namespaces the product itself gives a meaning to. */

/** Resource envelope (gCube Resource Model, 2nd generation, "XML Binding"). */
export const RESOURCE_NS = 'http://gcube-system.org/namespaces/resource';
/** What the directory answers with: `item`, `results`, `value`, … */
export const ANSWER_NS = 'urn:facetry:answer';
/** Extension functions about directory data that is not in the XML (`dir:age`, `dir:fresh`, `dir:owner`). */
export const DIRECTORY_NS = 'urn:facetry:directory';
export const XML_NS = 'http://www.w3.org/XML/1998/namespace';
export const XMLNS_NS = 'http://www.w3.org/2000/xmlns/';
