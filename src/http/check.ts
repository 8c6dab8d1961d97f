/** A line of `/readyz?verbose`. One that is not ok does not make the directory unready by itself. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}
