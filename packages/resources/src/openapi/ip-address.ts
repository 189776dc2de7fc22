/** Whether a text is an IP address. (`node:net` would do, but nothing in this package opens the way to sockets.) */

const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;
const IPV6_PART = /^[0-9a-f]{1,4}$/i;

/** Four numbers up to 255. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => IPV4_PART.test(part) && Number(part) <= 255);
}

/** Groups of one half of an address; an IPv4 address at the end counts as two. */
function groupsOf(half: string): number | undefined {
  if (half === '') return 0;
  const parts = half.split(':');
  const last = parts.at(-1) ?? '';
  const isMixed = last.includes('.');
  if (isMixed && !isIPv4(last)) return undefined;
  const rest = isMixed ? parts.slice(0, -1) : parts;
  return rest.every((part) => IPV6_PART.test(part)) ? rest.length + (isMixed ? 2 : 0) : undefined;
}

/** Eight groups, or fewer around one `::`. */
export function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map(groupsOf);
  if (counts.some((count) => count === undefined)) return false;
  const total = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
  return halves.length === 1 ? total === 8 : total <= 7;
}

export function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}
