/** Outputs as lines that a shell reads: names in capitals, values in single quotes, lists and maps as JSON. */
export function shellVariables(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `export ${nameOf(name)}='${text.replaceAll("'", "'\\''")}'\n`;
    })
    .join('');
}

/** What is no name for a shell would end the line, or begin another command. */
function nameOf(name: string): string {
  const plain = name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  return /^\d/.test(plain) ? `_${plain}` : plain;
}
