/**
 * Completion scripts. They know nothing of the commands: all of them ask `facetry __complete WORDS…`, whose last word is the
 * one being typed, and which prints one candidate a line, with its meaning behind a tab.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# facetry completion for bash
_facetry() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    [[ "$line" == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
  done < <(facetry __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then
    compopt -o default 2>/dev/null
  elif [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _facetry facetry
`,
  zsh: `#compdef facetry
# facetry completion for zsh
_facetry() {
  local -a found
  local line word meaning
  while IFS=$'\\t' read -r word meaning; do
    found+=("\${word//:/\\\\:}\${meaning:+:$meaning}")
  done < <(facetry __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe facetry found
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_facetry" ]; then
  _facetry "$@"
else
  compdef _facetry facetry
fi
`,
  fish: `# facetry completion for fish
function __facetry_complete
  set -l words (commandline -opc)
  set -e words[1]
  facetry __complete $words (commandline -ct) 2>/dev/null
end
complete -c facetry -a '(__facetry_complete)'
`,
};
