/** The text of a description: every field of an object in order, with titles for names. Pure. */
import { isRecord } from '@afflux/resources';
import { ageOf, goText } from '@afflux/resources/text';
import type { KubeObject } from './objects.ts';
import { alignTabs, DESCRIPTION_TABS, escaped } from './tab-writer.ts';

/** A longer annotation stands on lines of its own, cut to this. */
const ANNOTATION_LENGTH_MAX = 140;

/** Said at the top, or of no interest. */
const METADATA_SKIPPED = new Set(['managedFields', 'name', 'namespace', 'labels', 'annotations']);

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An event about the object, as far as it is shown. */
export interface KubeEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly reportingComponent?: string;
  readonly source?: { readonly component?: string };
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}

export interface DescribeOptions {
  /** Undefined: nothing is said of events. */
  readonly events: readonly KubeEvent[] | undefined;
  readonly nowMs: number;
}

export function describeText(object: KubeObject, { events, nowMs }: DescribeOptions): string {
  const { name = '', namespace = '', labels, annotations } = object.metadata;
  const lines = [
    `Name:\t${name}`,
    `Namespace:\t${namespace}`,
    ...labelLines(labels),
    ...annotationLines(annotations),
    ...contentLines(withoutSecrets(object), 0),
  ];
  if (events !== undefined) lines.push(`Events:${events.length === 0 ? '\t<none>' : ''}`);
  return `${aligned(lines)}${events === undefined ? '' : eventTable(events, nowMs)}`;
}

/** What a Secret holds is shown as its size: a description is what people paste into tickets. */
function withoutSecrets(object: KubeObject): KubeObject {
  const { data } = object;
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isRecord(data)) return object;
  const sizes = Object.entries(data).map(([key, value]) => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64').length : 0;
    return [key, `${String(bytes)} bytes`];
  });
  return { ...object, data: Object.fromEntries(sizes) as Record<string, string> };
}

function aligned(lines: readonly string[]): string {
  return alignTabs(lines.map((line) => `${escaped(line)}\n`).join(''), DESCRIPTION_TABS);
}

function labelLines(labels: Readonly<Record<string, string>> = {}): readonly string[] {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key] ?? ''}`);
  return titled('Labels:', pairs);
}

function annotationLines(annotations: Readonly<Record<string, string>> = {}): readonly string[] {
  const lines = Object.keys(annotations)
    .filter((key) => key !== LAST_APPLIED)
    .sort()
    .flatMap((key) => {
      const value = (annotations[key] ?? '').replace(/\n$/, '');
      const isShort = value.length + key.length + 2 <= ANNOTATION_LENGTH_MAX;
      if (isShort && !value.includes('\n')) return [`${key}: ${value}`];
      return [`${key}:`, ...value.split('\n').map((line) => `  ${shortened(line)}`)];
    });
  return titled('Annotations:', lines);
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  const [first = '<none>', ...rest] = lines;
  return [`${title}\t${first}`, ...rest.map((line) => `\t${line}`)];
}

function shortened(line: string): string {
  const max = ANNOTATION_LENGTH_MAX - 2;
  return line.length > max ? `${line.slice(0, max)}...` : line;
}

function contentLines(
  content: Readonly<Record<string, unknown>>,
  level: number,
  skipped?: ReadonlySet<string>,
): readonly string[] {
  const indent = '  '.repeat(level);
  return Object.keys(content)
    .sort()
    .filter((field) => skipped?.has(field) !== true)
    .flatMap((field) => {
      const value = content[field];
      const title = `${indent}${titleOf(field)}:`;
      if (isRecord(value)) {
        const inMetadata = level === 0 && field === 'metadata' ? METADATA_SKIPPED : undefined;
        return [title, ...contentLines(value, level + 1, inMetadata)];
      }
      if (Array.isArray(value)) return [title, ...itemLines(value, level + 1)];
      return [`${title}\t${goText(value)}`];
    });
}

function itemLines(items: readonly unknown[], level: number): readonly string[] {
  return items.flatMap((item) =>
    isRecord(item) ? contentLines(item, level) : [`${'  '.repeat(level)}${goText(item)}`],
  );
}

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** `deadLetterSinkUri` becomes `Dead Letter Sink Uri`; a name with digits or signs stays as it is. */
export function titleOf(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  const words = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|-+|\p{L}+/gu) ?? [field];
  return words
    .map((word) => {
      const upper = word.toUpperCase();
      return ACRONYMS.has(upper) ? upper : word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join(' ');
}

function eventTable(events: readonly KubeEvent[], nowMs: number): string {
  if (events.length === 0) return '';
  const lastSeen = (event: KubeEvent): string => event.lastTimestamp ?? '';
  const rows = [...events]
    .sort((a, b) => (lastSeen(a) < lastSeen(b) ? -1 : lastSeen(a) > lastSeen(b) ? 1 : 0))
    .map((event) =>
      [
        event.type ?? '',
        event.reason ?? '',
        eventAge(event, nowMs),
        (event.source?.component ?? '') || (event.reportingComponent ?? ''),
        (event.message ?? '').trim(),
      ].join('\t'),
    );
  const head = ['Type\tReason\tAge\tFrom\tMessage', '----\t------\t----\t----\t-------'];
  return aligned([...head, ...rows].map((line) => `  ${line}`));
}

function eventAge(event: KubeEvent, nowMs: number): string {
  const { series, count = 0, firstTimestamp, lastTimestamp, eventTime } = event;
  const first = ageOf(eventTime ?? firstTimestamp, nowMs);
  if (series !== undefined) {
    return `${ageOf(series.lastObservedTime, nowMs)} (x${String(series.count ?? 0)} over ${first})`;
  }
  return count > 1 ? `${ageOf(lastTimestamp, nowMs)} (x${String(count)} over ${first})` : first;
}
