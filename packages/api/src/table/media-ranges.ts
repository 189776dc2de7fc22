/** `Accept` as a list of what the client would take, best first. */

/** Ranges beyond these are not looked at. */
const RANGES_MAX = 32;

/** One range of an `Accept`: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface MediaRange {
  /** In lower case. */
  readonly type: string;
  /** Names in lower case, without `q`. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface Weighed extends MediaRange {
  readonly weight: number;
}

function weightOf(text: string | undefined): number {
  const weight = Number(text ?? 1);
  return Number.isNaN(weight) ? 0 : weight;
}

function rangeOf(text: string): Weighed {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/u, '$1'));
  }
  const weight = weightOf(parameters.get('q'));
  parameters.delete('q');
  return { type: type.toLowerCase(), parameters, weight };
}

/** What the client takes, by falling preference; everything when it does not say. */
export function mediaRanges(accept: string | undefined): readonly MediaRange[] {
  const text = accept?.trim() ?? '';
  return (text === '' ? '*/*' : text)
    .split(',', RANGES_MAX)
    .map(rangeOf)
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight);
}

/** Whether JSON fits the range, whatever its parameters say. */
export function isJsonRange({ type }: MediaRange): boolean {
  return type === 'application/json' || type === '*/*' || type === 'application/*';
}
