/** Random numbers that a seed repeats (mulberry32); tests print the seed they used. */
export interface Random {
  readonly seed: number;
  /** 0 ≤ n < below */
  int(below: number): number;
  pick<T>(of: readonly T[]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const int = (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
  return { seed, int, pick: (of) => of[int(of.length)] as (typeof of)[number] };
}

/** The seed in the environment variable, or a new one. */
export function seedFrom(variable: string): number {
  const given = process.env[variable];
  return given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}
