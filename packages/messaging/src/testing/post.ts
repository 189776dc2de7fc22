/** Producers: plain HTTP requests, so that what arrives is what the wire carries. */

export interface PostOptions {
  readonly type?: string;
  readonly data?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts one event in binary mode and gives back the response. */
export async function postEvent(
  url: string,
  id: string,
  { type = 'test.event', data = 'hello', headers = {} }: PostOptions = {},
): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/producer',
      'ce-type': type,
      'content-type': 'text/plain',
      ...headers,
    },
    body: data,
  });
}
