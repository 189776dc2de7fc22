import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  require_undici
} from "./chunk-NBWTCS4Q.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/cli/src/control-client.ts
var import_undici = __toESM(require_undici(), 1);
var CONTROL_URL = "http://127.0.0.1:8081";
var API = "/apis/afflux.dev/v1alpha1";
var TIMEOUT_MS = 3e4;
var ANSWER_BYTES_MAX = 32 * 1024 * 1024;
var ControlClient = class {
  #url;
  #agent = new import_undici.Agent({
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: ANSWER_BYTES_MAX
  });
  /** Throws a usage error for what is no address. */
  constructor(url) {
    const parsed = URL.canParse(url) ? new URL(url) : void 0;
    if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
      throw usageError(`--control ${JSON.stringify(url)} is not an http or https address`);
    }
    this.#url = parsed;
  }
  get(path, query) {
    return this.#call("GET", path, { query });
  }
  post(path, body) {
    return this.#call("POST", path, { body });
  }
  delete(path, query) {
    return this.#call("DELETE", path, { query });
  }
  async close() {
    await this.#agent.close();
  }
  async #call(method, path, {
    query = {},
    body
  }) {
    const url = new URL(`${API}/${path}`, this.#url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== void 0) url.searchParams.set(name, value);
    }
    let text;
    let code;
    try {
      const answer = await (0, import_undici.request)(url, {
        dispatcher: this.#agent,
        method,
        ...body === void 0 ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
      });
      code = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw this.#unreachable(error);
    }
    return this.#read(code, text);
  }
  #read(code, text) {
    let value;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.#notOurs();
    }
    const { kind, status, message } = value ?? {};
    if (code < 400 && typeof kind === "string") return value;
    if (kind === "Status" && status === "Failure" && typeof message === "string") {
      throw failed(message);
    }
    throw this.#notOurs();
  }
  #notOurs() {
    return failed(
      `what answers at ${this.#url.origin} is not the control port of an Afflux that has this API: name it with --control`
    );
  }
  #unreachable(error) {
    const { code, message } = error;
    const why = code === "ECONNREFUSED" ? "nothing listens there" : code ?? message;
    return failed(
      `cannot reach Afflux at ${this.#url.origin} (${why}): is it running? Name its control port with --control`
    );
  }
};
function failed(message) {
  return new CliError(`error: ${message}`, { code: "AFFLUX_CLI_FAILED" });
}
function pathOf(namespace, ...segments) {
  return ["namespaces", namespace, ...segments].map(encodeURIComponent).join("/");
}

export {
  CONTROL_URL,
  ControlClient,
  failed,
  pathOf
};
