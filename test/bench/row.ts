/** What a row of the bench is. */

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The raw relay's value in the same run, or that of the row it is compared with; null where there is none. */
  readonly limit: number | null;
  readonly ratio: number | null;
  readonly target: string | null;
  /** Whether the target is met; null where there is none. */
  readonly ok: boolean | null;
  readonly spread?: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Where to write a CPU profile of the broker over all counted rounds; only rows against the relay do. */
  readonly profile?: string | undefined;
}

export interface Row {
  readonly name: string;
  measure(options: MeasureOptions): Promise<BenchRow[]>;
  /** Ends what the row left running for other rows. Idempotent; called once everything is measured. */
  close?(): Promise<void>;
}
