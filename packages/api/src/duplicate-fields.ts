/** Fields that stand more than once in an object of JSON: a parser keeps the last of them and says nothing. */

/** Later ones are not told: kube-apiserver's bound. */
const TOLD_MAX = 100;

/** Longest path, in characters; the rest of it is cut off. */
const PATH_LENGTH_MAX = 500;

interface Place {
  readonly path: string;
  /** Fields so far; undefined for a list. */
  readonly fields: Set<string> | undefined;
  /** The field or the index of what comes next. */
  next: string | number;
}

/** Paths of duplicate fields in a text that is valid JSON, each once, in the order of the text. */
export function duplicateFields(json: string): readonly string[] {
  const found = new Set<string>();
  const places: Place[] = [];
  for (let index = 0; index < json.length; index += 1) {
    const place = places.at(-1);
    switch (json[index]) {
      case '{':
        places.push({ path: pathOfNext(place), fields: new Set(), next: '' });
        break;
      case '[':
        places.push({ path: pathOfNext(place), fields: undefined, next: 0 });
        break;
      case '}':
      case ']':
        places.pop();
        break;
      case ',':
        if (typeof place?.next === 'number') place.next += 1;
        break;
      case '"': {
        const end = endOfText(json, index);
        if (place?.fields !== undefined && isBeforeColon(json, end)) {
          place.next = JSON.parse(json.slice(index, end + 1)) as string;
          if (place.fields.has(place.next) && found.size < TOLD_MAX) found.add(pathOfNext(place));
          place.fields.add(place.next);
        }
        index = end;
        break;
      }
      default:
        break;
    }
  }
  return [...found];
}

function pathOfNext(place: Place | undefined): string {
  if (place === undefined) return '';
  const { path, next } = place;
  const step = typeof next === 'number' ? `[${String(next)}]` : path === '' ? next : `.${next}`;
  return (path + step).slice(0, PATH_LENGTH_MAX);
}

/** The index of the quotation mark that ends the text. */
function endOfText(json: string, start: number): number {
  let end = start + 1;
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end;
}

function isBeforeColon(json: string, end: number): boolean {
  let index = end + 1;
  while (/\s/.test(json[index] ?? '')) index += 1;
  return json[index] === ':';
}
