/**
 * Bodies that clients of Kubernetes' own kinds send as protocol buffers (`kubectl create configmap`, recorders of
 * Events, leader election): four magic bytes, then an envelope that names the kind, then the message of that kind.
 *
 * The result is what the same client would have sent as JSON, so nothing behind this knows the difference. Everything
 * goes by descriptions that are data (threat T25): no code is generated. Answers are never written so; clients take
 * JSON instead.
 */
import { ApiError, badRequest } from '../errors.ts';
import { PROTOBUF_KINDS, messageOfKind } from './kinds.ts';
import { PROTOBUF_TYPE } from './media-type.ts';
import { MessageReader, type MessageReaderOptions } from './message-reader.ts';
import { kept, message } from './message.ts';
/** How every body begins: `k8s` and a zero. */
const MAGIC = Buffer.from('k8s\0', 'latin1');

const TYPE_META = message('TypeMeta', {
  1: kept('apiVersion', 'string'),
  2: kept('kind', 'string'),
});

const ENVELOPE = message('Unknown', {
  1: kept('typeMeta', TYPE_META),
  2: kept('raw', 'span'),
  3: kept('contentEncoding', 'string'),
  4: kept('contentType', 'string'),
});

interface Envelope {
  readonly typeMeta?: { readonly apiVersion?: string; readonly kind?: string };
  readonly raw?: Buffer;
  readonly contentEncoding?: string;
  readonly contentType?: string;
}

/** Reads such a body. Throws BadRequest or UnsupportedMediaType. */
export function readProtobuf(body: Buffer, options: MessageReaderOptions): unknown {
  const reader = new MessageReader(options);
  const { apiVersion, kind, raw } = openEnvelope(body, reader);
  const described = messageOfKind(apiVersion, kind);
  if (described === undefined) throw unknownKind(apiVersion, kind);
  return { apiVersion, kind, ...reader.read(raw, described) };
}

interface Opened {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
}

function openEnvelope(body: Buffer, reader: MessageReader): Opened {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(
      'the object provided is unrecognized: the body does not begin as a protobuf message of Kubernetes',
    );
  }
  const { typeMeta, raw, contentEncoding, contentType } = reader.read(
    body.subarray(MAGIC.length),
    ENVELOPE,
  ) as Envelope;
  const { apiVersion = '', kind = '' } = typeMeta ?? {};
  if (apiVersion === '' || kind === '') {
    throw badRequest(
      `Unknown.typeMeta: Object '${kind === '' ? 'Kind' : 'apiVersion'}' is missing`,
    );
  }
  assertPlain(contentEncoding, contentType);
  return { apiVersion, kind, raw: raw ?? Buffer.alloc(0) };
}

/** What is inside must be as it looks: not compressed, and no other format. */
function assertPlain(contentEncoding = '', contentType = ''): void {
  const isPlain = contentEncoding === '' && (contentType === '' || contentType === PROTOBUF_TYPE);
  if (isPlain) return;
  throw new ApiError(
    'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
    `the envelope of the request holds an unknown format (type ${JSON.stringify(contentType)}, encoding ${JSON.stringify(contentEncoding)})`,
  );
}

function unknownKind(apiVersion: string, kind: string): ApiError {
  return new ApiError(
    'AFFLUX_API_UNSUPPORTED_MEDIA_TYPE',
    `${shortened(apiVersion)}/${shortened(kind)} is not taken as ${PROTOBUF_TYPE}, only as application/json or application/yaml; kinds that can be sent as protobuf: ${PROTOBUF_KINDS.join(', ')}`,
  );
}

/** Characters of a name that a message repeats. */
const SHOWN_MAX = 100;

function shortened(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
