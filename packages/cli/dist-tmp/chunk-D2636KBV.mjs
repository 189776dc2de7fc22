import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  CONTROL_URL
} from "./chunk-P4PFLBCY.mjs";
import {
  require_undici
} from "./chunk-NBWTCS4Q.mjs";
import {
  StoreError
} from "./chunk-5MWQ64NP.mjs";
import {
  CliError,
  usageError
} from "./chunk-HIHBXSAK.mjs";
import {
  require_dist
} from "./chunk-YZGW35GG.mjs";
import {
  AffluxError,
  abortedError
} from "./chunk-ZKZDKWPE.mjs";
import {
  __toESM
} from "./chunk-EX44SRZ5.mjs";

// packages/cli/src/kubernetes/failure.ts
function reasonOf(error) {
  const reason = error instanceof AffluxError ? error.reason : void 0;
  return typeof reason === "string" ? reason : void 0;
}
function isNotFound(error) {
  return reasonOf(error) === "NotFound";
}
function isExpired(error) {
  return reasonOf(error) === "Expired";
}
function isAborted(error) {
  return error instanceof AffluxError && error.code === "AFFLUX_KERNEL_ABORTED";
}
function isConnectionLost(error) {
  const code = error instanceof AffluxError ? error.code : "";
  return code === "AFFLUX_KUBERNETES_UNREACHABLE" || code === "AFFLUX_KUBERNETES_STREAM_SILENT";
}
function failureText(error, prefix = "") {
  if (!(error instanceof AffluxError)) throw error;
  const reason = reasonOf(error);
  const message = `${prefix}${error.message}`;
  if (reason === "Unauthorized") {
    return `error: You must be logged in to the server (${message})`;
  }
  if (reason !== void 0) {
    const word = reason === "Unknown" || reason === "" ? "" : ` (${reason})`;
    return `Error from server${word}: ${message}`;
  }
  if (error instanceof CliError && error.code === "AFFLUX_CLI_FAILED") return error.message;
  return `error: ${message}`;
}
var Failures = class {
  #texts = [];
  get count() {
    return this.#texts.length;
  }
  add(error, prefix = "") {
    if (isAborted(error)) throw error;
    this.#texts.push(failureText(error, prefix));
  }
  addText(text) {
    this.#texts.push(text);
  }
  /** Throws when there is something; exit code 1. */
  end() {
    if (this.#texts.length > 0) throw failedWith(this.#texts.join("\n"));
  }
};
function failedWith(text) {
  return new CliError(text, { code: "AFFLUX_CLI_FAILED" });
}

// packages/control-kubernetes/src/discovery-documents.ts
function apiVersionOf({ group, version }) {
  return group === "" ? version : `${group}/${version}`;
}
function apiPath(apiVersion) {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
function isAggregated(document) {
  return document?.kind === "APIGroupDiscoveryList";
}
function aggregatedResources(document) {
  return (document.items ?? []).flatMap(
    ({ metadata, versions = [] }) => versions.flatMap(
      ({ version, resources = [] }) => resources.flatMap(
        (resource) => fromAggregated({ group: metadata?.name ?? "", version }, resource)
      )
    )
  );
}
function fromAggregated(at, resource) {
  const kind = resource.responseKind?.kind ?? "";
  if (kind === "" || (resource.verbs ?? []).length === 0) return [];
  const subresources = (resource.subresources ?? []).map(({ subresource }) => subresource);
  return [
    {
      ...at,
      apiVersion: apiVersionOf(at),
      kind,
      plural: resource.resource,
      singular: resource.singularResource ?? "",
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      namespaced: resource.scope === "Namespaced",
      verbs: resource.verbs ?? [],
      subresources,
      hasStatus: subresources.includes("status")
    }
  ];
}
function groupVersions(core, list) {
  const ofCore = (core.versions ?? []).map((version) => ({ group: "", version }));
  const ofGroups = (list.groups ?? []).flatMap(({ name, versions = [], preferredVersion }) => {
    const preferred = preferredVersion?.version;
    const names = versions.map(({ version }) => version);
    const ordered = preferred === void 0 ? names : [preferred, ...names.filter((other) => other !== preferred)];
    return ordered.map((version) => ({ group: name, version }));
  });
  return [...ofCore, ...ofGroups];
}
function listedResources(at, document) {
  const entries = document.resources ?? [];
  return entries.filter(({ name }) => !name.includes("/")).map((entry) => {
    const prefix = `${entry.name}/`;
    const subresources = entries.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length));
    return {
      ...at,
      apiVersion: apiVersionOf(at),
      kind: entry.kind,
      plural: entry.name,
      singular: entry.singularName ?? "",
      shortNames: entry.shortNames ?? [],
      categories: entry.categories ?? [],
      namespaced: entry.namespaced === true,
      verbs: entry.verbs ?? [],
      subresources,
      hasStatus: subresources.includes("status")
    };
  });
}

// packages/control-kubernetes/src/errors.ts
var KINDS = {
  AFFLUX_KUBERNETES_CONFIG_MISSING: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_CONFIG_INVALID: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_CONFIG_UNSUPPORTED: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_CREDENTIALS_FAILED: { fault: "user", retryable: true },
  AFFLUX_KUBERNETES_UNREACHABLE: { fault: "system", retryable: true },
  AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_TIMEOUT: { fault: "system", retryable: true },
  AFFLUX_KUBERNETES_STREAM_SILENT: { fault: "system", retryable: true },
  AFFLUX_KUBERNETES_ANSWER_TOO_LARGE: { fault: "system", retryable: false },
  AFFLUX_KUBERNETES_ANSWER_INVALID: { fault: "system", retryable: false },
  AFFLUX_KUBERNETES_UNAUTHORIZED: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_FORBIDDEN: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_BUSY: { fault: "system", retryable: true },
  AFFLUX_KUBERNETES_REFUSED: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_SERVER_FAILED: { fault: "system", retryable: true },
  AFFLUX_KUBERNETES_RESOURCE_UNKNOWN: { fault: "user", retryable: false },
  AFFLUX_KUBERNETES_CLOSED: { fault: "system", retryable: false }
};
var ERROR_CODES = Object.keys(KINDS);
var KubernetesError = class extends AffluxError {
  /** `Status.reason`; undefined when no server said anything. */
  reason;
  status;
  constructor(code, message, options = {}) {
    const { fault, retryable } = KINDS[code];
    super(message, {
      cause: options.cause,
      details: options.details ?? {},
      code,
      fault,
      retryable
    });
    this.reason = options.reason;
    this.status = options.status;
  }
};

// packages/control-kubernetes/src/resource-names.ts
function matchResources(resources, name) {
  const [bare = "", ...rest] = name.toLowerCase().split(".");
  const suffix = rest.join(".");
  const candidates = suffix === "" ? resources : within(resources, suffix);
  const first = candidates.find((resource) => isFullName(resource, bare)) ?? candidates.find((resource) => resource.shortNames.includes(bare));
  if (first !== void 0) return [first];
  return suffix === "" ? categoryOf(resources, bare) : [];
}
function isFullName({ plural, singular, kind }, name) {
  return plural === name || singular === name || kind.toLowerCase() === name;
}
function within(resources, suffix) {
  const exact = resources.filter(
    ({ group, version }) => suffix === group || suffix === `${version}.${group}` || group === "" && suffix === version
  );
  return exact.length > 0 ? exact : resources.filter(({ group }) => group.startsWith(suffix));
}
function categoryOf(resources, category) {
  const found = /* @__PURE__ */ new Map();
  for (const resource of resources) {
    const isMeant = resource.categories.includes(category) && resource.verbs.includes("list");
    const id = `${resource.plural}.${resource.group}`;
    if (isMeant && !found.has(id)) found.set(id, resource);
  }
  return [...found.values()];
}

// packages/control-kubernetes/src/discovery.ts
var REFRESH_MS_MIN = 1e3;
var ACCEPT = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json"
].join(",");
async function resourcesOf(client) {
  const [core, groups] = await Promise.all([
    readDocument(client, "/api"),
    readDocument(client, "/apis")
  ]);
  if (isAggregated(core) && isAggregated(groups)) {
    return [...aggregatedResources(core), ...aggregatedResources(groups)];
  }
  const versions = groupVersions(core, groups);
  const lists = await Promise.all(versions.map((version) => listGroup(client, version)));
  return lists.flat();
}
async function readDocument(client, path) {
  return (await client.request({ method: "GET", path, headers: { accept: ACCEPT } })).json();
}
async function listGroup(client, at) {
  try {
    const path = apiPath(apiVersionOf(at));
    const answer = await client.request({ method: "GET", path });
    return listedResources(at, answer.json());
  } catch (error) {
    if (isGroupAway(error)) return [];
    throw error;
  }
}
function isGroupAway(error) {
  const status = error.status;
  return typeof status === "number" && (status === 404 || status >= 500);
}
var Discovery = class {
  #client;
  #clock;
  #known;
  constructor(client, options) {
    this.#client = client;
    this.#clock = options.clock;
  }
  /** All resources, in the server's order. A failure is not kept: the next call asks again. */
  async resources() {
    if (this.#known === void 0) {
      const known = { resources: resourcesOf(this.#client), atMs: this.#clock.monotonicMs() };
      this.#known = known;
      known.resources.catch(() => {
        if (this.#known === known) this.#known = void 0;
      });
    }
    return this.#known.resources;
  }
  /**
   * What is meant by a name as people type it: one resource, or several for a category. Rejects with
   * AFFLUX_KUBERNETES_RESOURCE_UNKNOWN.
   */
  async resolve(name) {
    const found = await this.#find((resources) => {
      const matches = matchResources(resources, name);
      return matches.length === 0 ? void 0 : matches;
    });
    if (found !== void 0) return found;
    throw new KubernetesError(
      "AFFLUX_KUBERNETES_RESOURCE_UNKNOWN",
      `${this.#client.access.server} serves no resource named ${JSON.stringify(name)}`,
      { details: { name } }
    );
  }
  /** The resource of a kind; undefined when it is not served. */
  get(apiVersion, kind) {
    return this.#find(
      (resources) => resources.find((resource) => resource.apiVersion === apiVersion && resource.kind === kind)
    );
  }
  /** Looks, and looks once more in a fresh picture when there is nothing and the picture is not that new. */
  async #find(look) {
    const found = look(await this.resources());
    if (found !== void 0 || this.#known === void 0) return found;
    if (this.#clock.monotonicMs() - this.#known.atMs < REFRESH_MS_MIN) return void 0;
    this.#known = void 0;
    return look(await this.resources());
  }
};

// packages/control-kubernetes/src/in-cluster.ts
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
var SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
async function inClusterAccess(options) {
  const host = options.env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = options.env["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "") return void 0;
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT_DIRECTORY;
  const tokenFile = join(directory, "token");
  if (!await isReadable(tokenFile)) return void 0;
  const namespace = await readFile(join(directory, "namespace"), "utf8").catch(() => "");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: options.namespace ?? (namespace.trim() || "default"),
    origin: `the service account in ${directory}`,
    ca: await readCa(join(directory, "ca.crt")),
    tokenFile
  };
}
function isReadable(path) {
  return access(path).then(
    () => true,
    () => false
  );
}
async function readCa(path) {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new KubernetesError(
      "AFFLUX_KUBERNETES_CONFIG_INVALID",
      `${path}: cannot be read, so the server cannot be told from somebody else`,
      { cause, details: { file: path } }
    );
  }
}

// packages/control-kubernetes/src/kubeconfig.ts
import { delimiter, dirname as dirname2, isAbsolute, join as join2, resolve as resolve2 } from "node:path";

// packages/control-kubernetes/src/kubeconfig-document.ts
var import_yaml = __toESM(require_dist(), 1);
import { readFile as readFile2 } from "node:fs/promises";
import { dirname, resolve } from "node:path";
var FILE_BYTES_MAX = 4 * 1024 * 1024;
var Section = class _Section {
  file;
  path;
  #fields;
  constructor(file, path, fields) {
    this.file = file;
    this.path = path;
    this.#fields = fields;
  }
  /** What stands there, as it is. */
  raw(name) {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : void 0;
  }
  /** A text; undefined where there is none, or an empty one. */
  text(name) {
    const value = this.raw(name);
    if (value === void 0 || value === null || value === "") return void 0;
    if (typeof value !== "string") throw this.invalid(name, "must be a text");
    return value;
  }
  flag(name) {
    const value = this.raw(name) ?? false;
    if (typeof value !== "boolean") throw this.invalid(name, "must be true or false");
    return value;
  }
  /** Fields below this one; undefined where there are none. */
  section(name) {
    const value = this.raw(name);
    if (value === void 0 || value === null) return void 0;
    if (!isFields(value)) throw this.invalid(name, "must be a map");
    return new _Section(this.file, this.#pathOf(name), value);
  }
  list(name) {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value)) throw this.invalid(name, "must be a list");
    return value.map((item, index) => {
      const place = `${name}[${String(index)}]`;
      if (!isFields(item)) throw this.invalid(place, "must be a map");
      return new _Section(this.file, this.#pathOf(place), item);
    });
  }
  /** An absolute path; relative ones start at the directory of the file. */
  filePath(name) {
    const path = this.text(name);
    return path === void 0 ? void 0 : resolve(dirname(this.file), path);
  }
  /** The text in `<name>-data` (base64), or in the file that `<name>` names. */
  async pem(name) {
    const data = this.text(`${name}-data`);
    if (data !== void 0) {
      const text = Buffer.from(data, "base64").toString("utf8");
      if (text.includes("-----BEGIN ")) return text;
      throw this.invalid(`${name}-data`, "must be PEM in base64");
    }
    const path = this.filePath(name);
    if (path === void 0) return void 0;
    try {
      return await readFile2(path, "utf8");
    } catch (cause) {
      throw this.invalid(name, `the file ${path} cannot be read`, cause);
    }
  }
  invalid(name, problem, cause) {
    return invalidField(this.file, this.#pathOf(name), problem, cause);
  }
  unsupported(name, what) {
    const field = this.#pathOf(name);
    return new KubernetesError(
      "AFFLUX_KUBERNETES_CONFIG_UNSUPPORTED",
      `${this.file}: ${field}: ${what}`,
      { details: { file: this.file, field } }
    );
  }
  #pathOf(name) {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
};
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function invalidField(file, field, problem, cause) {
  const place = field === "" ? "" : ` ${field}:`;
  return new KubernetesError("AFFLUX_KUBERNETES_CONFIG_INVALID", `${file}:${place} ${problem}`, {
    cause,
    details: { file, field }
  });
}
function parseKubeconfig(file, text) {
  if (text.length > FILE_BYTES_MAX) {
    throw invalidField(file, "", `is larger than ${String(FILE_BYTES_MAX)} bytes`);
  }
  const document = (0, import_yaml.parseDocument)(text);
  const [error] = document.errors;
  if (error !== void 0) throw invalidField(file, "", error.message.split("\n")[0] ?? "");
  const content = document.toJS();
  if (content === null || content === void 0) return new Section(file, "", {});
  if (!isFields(content)) throw invalidField(file, "", "is not a kubeconfig: it must be a map");
  const kind = content["kind"];
  if (kind !== void 0 && kind !== "" && kind !== "Config") {
    throw invalidField(file, "kind", `must be Config, not ${JSON.stringify(kind)}`);
  }
  return new Section(file, "", content);
}
async function readKubeconfig(file) {
  let text;
  try {
    text = await readFile2(file, "utf8");
  } catch (cause) {
    if (cause.code === "ENOENT") return void 0;
    throw invalidField(file, "", "cannot be read", cause);
  }
  return parseKubeconfig(file, text);
}
function findEntry(files, list, field, name) {
  for (const file of files) {
    const entry = file.list(list).find((candidate) => candidate.text("name") === name);
    if (entry !== void 0) {
      const content = entry.section(field);
      return content ?? new Section(entry.file, `${entry.path}.${field}`, {});
    }
  }
  return void 0;
}
function entryNames(files, list) {
  const names = files.flatMap((file) => file.list(list).map((entry) => entry.text("name")));
  return [...new Set(names.filter((name) => name !== void 0))];
}

// packages/control-kubernetes/src/kubeconfig.ts
function kubeconfigPaths(options) {
  if (options.path !== void 0) return [resolve2(options.path)];
  const listed = (options.env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (listed.length > 0) return [...new Set(listed)].map((path) => resolve2(path));
  return [join2(options.homeDirectory, ".kube", "config")];
}
async function loadClusterAccess(options) {
  const paths = kubeconfigPaths(options);
  const files = [];
  for (const path of paths) {
    const file = await readKubeconfig(path);
    if (file !== void 0) files.push(file);
  }
  if (options.path !== void 0 && files.length === 0) throw missing(paths);
  if (options.context === void 0 && currentContext(files) === void 0) {
    const access2 = options.path === void 0 ? await inClusterAccess(options) : void 0;
    if (access2 !== void 0) return access2;
  }
  if (files.length === 0) throw missing(paths);
  return accessOf(files, options);
}
function missing(paths) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_CONFIG_MISSING",
    `no kubeconfig: ${paths.join(", ")} ${paths.length === 1 ? "does" : "do"} not exist; set KUBECONFIG or name a file`,
    { details: { paths } }
  );
}
function currentContext(files) {
  return files.map((file) => file.text("current-context")).find((name) => name !== void 0);
}
async function accessOf(files, options) {
  const where = files.map(({ file }) => file).join(", ");
  const name = options.context ?? currentContext(files);
  if (name === void 0) throw noContext(where, files);
  const context = findEntry(files, "contexts", "context", name);
  if (context === void 0) {
    throw unknownEntry(where, "context", name, entryNames(files, "contexts"));
  }
  const clusterName = context.text("cluster");
  if (clusterName === void 0) throw context.invalid("cluster", "is missing");
  const cluster = findEntry(files, "clusters", "cluster", clusterName);
  if (cluster === void 0) {
    throw context.invalid("cluster", `there is no cluster ${JSON.stringify(clusterName)}`);
  }
  const userName = context.text("user");
  const user = userName === void 0 ? void 0 : findEntry(files, "users", "user", userName);
  if (userName !== void 0 && user === void 0) {
    throw context.invalid("user", `there is no user ${JSON.stringify(userName)}`);
  }
  return {
    namespace: options.namespace ?? context.text("namespace") ?? "default",
    origin: `context ${JSON.stringify(name)} of ${context.file}`,
    ...await clusterPart(cluster),
    ...user === void 0 ? {} : await userPart(user, cluster, options.env)
  };
}
function noContext(where, files) {
  const names = entryNames(files, "contexts");
  const advice = names.length === 0 ? "" : `; choose one of ${names.join(", ")}`;
  return new KubernetesError(
    "AFFLUX_KUBERNETES_CONFIG_INVALID",
    `${where}: current-context: is not set${advice}`,
    { details: { field: "current-context", contexts: names } }
  );
}
function unknownEntry(where, what, name, names) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_CONFIG_INVALID",
    `${where}: there is no ${what} ${JSON.stringify(name)}; there ${names.length === 1 ? "is" : "are"} ${names.join(", ") || "none"}`,
    { details: { [what]: name, names } }
  );
}
async function clusterPart(cluster) {
  if (cluster.text("proxy-url") !== void 0) {
    throw cluster.unsupported("proxy-url", "proxies are not supported; reach the server directly");
  }
  const ca = await cluster.pem("certificate-authority");
  const insecureSkipTlsVerify = cluster.flag("insecure-skip-tls-verify");
  if (insecureSkipTlsVerify && ca !== void 0) {
    throw cluster.invalid("insecure-skip-tls-verify", "contradicts certificate-authority");
  }
  return {
    server: serverUrl(cluster),
    ca,
    tlsServerName: cluster.text("tls-server-name"),
    insecureSkipTlsVerify
  };
}
function serverUrl(cluster) {
  const text = cluster.text("server");
  if (text === void 0) throw cluster.invalid("server", "is missing");
  const full = text.includes("://") ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : void 0;
  if (url === void 0 || !["http:", "https:"].includes(url.protocol)) {
    throw cluster.invalid("server", "is not an http or https URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw cluster.invalid("server", "must not contain a user or password");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
var IMPERSONATION = ["as", "as-uid", "as-groups", "as-user-extra"];
async function userPart(user, cluster, env) {
  for (const field of IMPERSONATION) {
    if (isSet(user.raw(field))) {
      throw user.unsupported(field, "acting as somebody else is not supported; remove it");
    }
  }
  if (isSet(user.raw("auth-provider"))) {
    throw user.unsupported("auth-provider", "Kubernetes has dropped it; use an exec plug-in");
  }
  const cert = await user.pem("client-certificate");
  const key = await user.pem("client-key");
  if (cert !== void 0 && key === void 0) throw user.invalid("client-key", "is missing");
  if (cert === void 0 && key !== void 0) {
    throw user.invalid("client-certificate", "is missing");
  }
  return {
    cert,
    key,
    token: user.text("token"),
    tokenFile: user.filePath("tokenFile"),
    username: user.text("username"),
    password: user.text("password"),
    exec: execPlugin(user.section("exec"), cluster, env)
  };
}
function isSet(value) {
  if (value === void 0 || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
var EXEC_VERSIONS = [
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1"
];
function execPlugin(exec, cluster, env) {
  if (exec === void 0) return void 0;
  const apiVersion = exec.text("apiVersion") ?? "";
  if (!EXEC_VERSIONS.includes(apiVersion)) {
    throw exec.invalid("apiVersion", `must be one of ${EXEC_VERSIONS.join(", ")}`);
  }
  const command = exec.text("command");
  if (command === void 0) throw exec.invalid("command", "is missing");
  if (exec.text("interactiveMode") === "Always") {
    throw exec.unsupported("interactiveMode", "programs that ask questions are not supported");
  }
  return {
    apiVersion,
    command: commandPath(command, exec.file),
    args: execArgs(exec),
    env: { ...env, ...execEnv(exec) },
    provideClusterInfo: exec.flag("provideClusterInfo"),
    clusterConfig: execExtension(cluster),
    installHint: exec.text("installHint")
  };
}
function commandPath(command, file) {
  if (isAbsolute(command) || !/[/\\]/.test(command)) return command;
  return resolve2(dirname2(file), command);
}
function execArgs(exec) {
  const args = exec.raw("args") ?? [];
  if (Array.isArray(args) && args.every((arg) => typeof arg === "string")) return args;
  throw exec.invalid("args", "must be a list of texts");
}
function execEnv(exec) {
  return Object.fromEntries(
    exec.list("env").map((entry) => {
      const name = entry.text("name");
      if (name === void 0) throw entry.invalid("name", "is missing");
      return [name, entry.text("value") ?? ""];
    })
  );
}
function execExtension(cluster) {
  return cluster.list("extensions").find((entry) => entry.text("name") === "client.authentication.k8s.io/exec")?.raw("extension");
}

// packages/control-kubernetes/src/resource-path.ts
function collectionPath(kind, namespace) {
  const base = apiPath(kind.apiVersion);
  const within2 = kind.namespaced && namespace !== void 0 ? `/namespaces/${segment(namespace)}` : "";
  return `${base}${within2}/${kind.plural}`;
}
function creationPath(kind, { namespace }) {
  if (kind.namespaced && (namespace ?? "") === "") {
    throw badRequest(`${kind.kind} objects need a namespace`);
  }
  return collectionPath(kind, namespace);
}
function objectPath(kind, key, subresource) {
  const tail = subresource === void 0 ? "" : `/${subresource}`;
  return `${creationPath(kind, key)}/${segment(key.name)}${tail}`;
}
function segment(name) {
  if (name === "" || name === "." || name === ".." || /[/%]/.test(name)) {
    throw badRequest(`${JSON.stringify(name)} is no name`);
  }
  return encodeURIComponent(name);
}
function badRequest(message) {
  return new StoreError("AFFLUX_STORE_BAD_REQUEST", message);
}

// packages/control-kubernetes/src/status-error.ts
var REASONS = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Gone",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout"
};
var STORE_CODES = {
  AlreadyExists: "AFFLUX_STORE_ALREADY_EXISTS",
  Conflict: "AFFLUX_STORE_CONFLICT",
  Invalid: "AFFLUX_STORE_INVALID",
  BadRequest: "AFFLUX_STORE_BAD_REQUEST",
  Expired: "AFFLUX_STORE_EXPIRED",
  Gone: "AFFLUX_STORE_EXPIRED",
  RequestEntityTooLarge: "AFFLUX_STORE_TOO_LARGE",
  UnsupportedMediaType: "AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE",
  ServiceUnavailable: "AFFLUX_STORE_UNAVAILABLE"
};
var OWN_CODES = {
  Unauthorized: "AFFLUX_KUBERNETES_UNAUTHORIZED",
  Forbidden: "AFFLUX_KUBERNETES_FORBIDDEN",
  TooManyRequests: "AFFLUX_KUBERNETES_BUSY",
  ServerTimeout: "AFFLUX_KUBERNETES_BUSY",
  Timeout: "AFFLUX_KUBERNETES_BUSY"
};
var TEXT_CHARS_SHOWN = 300;
function asStatus(body) {
  const isStatus = typeof body === "object" && body !== null && body.kind === "Status";
  return isStatus ? body : void 0;
}
function refusalError(httpStatus, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = void 0;
  }
  const status = asStatus(body);
  if (status !== void 0) return statusError(status, httpStatus);
  const shown = text.trim().slice(0, TEXT_CHARS_SHOWN);
  const message = `the server answered ${String(httpStatus)}${shown === "" ? "" : `: ${shown}`}`;
  return statusError({ kind: "Status", message }, httpStatus);
}
function statusError(status, httpStatus = 500) {
  const code = status.code ?? httpStatus;
  const said = status.reason ?? "";
  const reason = said === "" || said === "Unknown" ? REASONS[code] ?? "Unknown" : said;
  const message = status.message ?? `the server refused with ${reason}`;
  const details = { ...status.details };
  const storeCode = storeCodeOf(reason, status);
  if (storeCode !== void 0) return new StoreError(storeCode, message, { details });
  const isFailure = code > 500 || code === 500 && said !== "";
  const own = OWN_CODES[reason] ?? (isFailure ? "AFFLUX_KUBERNETES_SERVER_FAILED" : "AFFLUX_KUBERNETES_REFUSED");
  return new KubernetesError(own, message, { reason, status: code, details });
}
function storeCodeOf(reason, status) {
  if (reason === "NotFound") {
    const hasName = (status.details?.name ?? "") !== "";
    return hasName ? "AFFLUX_STORE_NOT_FOUND" : "AFFLUX_STORE_KIND_UNKNOWN";
  }
  if (reason === "Forbidden" && status.message?.includes("exceeded quota") === true) {
    return "AFFLUX_STORE_QUOTA_EXCEEDED";
  }
  return STORE_CODES[reason];
}

// packages/control-kubernetes/src/lines.ts
var LINE_BYTES_MAX = 16 * 1024 * 1024;
var NEWLINE = 10;
async function* linesOf(chunks, options = {}) {
  const bytesMax = options.bytesMax ?? LINE_BYTES_MAX;
  let parts = [];
  let bytes = 0;
  const take = (part) => {
    bytes += part.length;
    if (bytes > bytesMax) throw lineTooLong(bytesMax);
    parts.push(part);
  };
  const line = () => {
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    bytes = 0;
    return text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (options.keepRest === true && bytes > 0) yield line();
}
function lineTooLong(bytesMax) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_ANSWER_TOO_LARGE",
    `the server sent a line of more than ${String(bytesMax)} bytes`,
    { details: { bytesMax } }
  );
}

// packages/control-kubernetes/src/answer-body.ts
import { pipeline } from "node:stream";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
var unzip = promisify(gunzip);
function tooLarge(bytesMax) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_ANSWER_TOO_LARGE",
    `the server answered with more than ${String(bytesMax)} bytes`,
    { details: { bytesMax } }
  );
}
function badGzip(cause) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_ANSWER_INVALID",
    "the answer of the server is not the gzip that it says it is",
    { cause }
  );
}
async function readBody(body, encoding, bytesMax) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  const packed = Buffer.concat(chunks);
  if (encoding !== "gzip") return packed.toString("utf8");
  try {
    return (await unzip(packed, { maxOutputLength: bytesMax })).toString("utf8");
  } catch (error) {
    const isLarge = error.code === "ERR_BUFFER_TOO_LARGE";
    throw isLarge ? tooLarge(bytesMax) : badGzip(error);
  }
}
function unpacked(body, encoding) {
  if (encoding !== "gzip") return body;
  return pipeline(body, createGunzip(), () => void 0);
}

// packages/control-kubernetes/src/connection-error.ts
var CERTIFICATE_CODES = /* @__PURE__ */ new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
]);
var ADVICE = {
  ECONNREFUSED: "nothing listens there; start the server, or choose another context",
  ENOTFOUND: "the host has no address; check the server of the kubeconfig",
  EAI_AGAIN: "the host could not be looked up; check the network",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time; check the address and the network",
  ETIMEDOUT: "it did not answer in time; check the address and the network",
  EHOSTUNREACH: "there is no way to it; check the network",
  ENETUNREACH: "there is no way to it; check the network",
  EPROTO: "it does not speak TLS; check http and https in the server of the kubeconfig",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS; check http and https in the server of the kubeconfig"
};
var LOST_CODES = /* @__PURE__ */ new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
function codeOf(error) {
  const code = error?.code;
  return typeof code === "string" ? code : "";
}
function isConnectionLost2(error) {
  return LOST_CODES.has(codeOf(error));
}
function connectionError(error, access2) {
  if (error instanceof KubernetesError) return error;
  const code = codeOf(error);
  const server = access2.server;
  const details = { server, origin: access2.origin, code };
  const options = { cause: error, details };
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") {
    return new KubernetesError("AFFLUX_KUBERNETES_CLOSED", "the client is closed", options);
  }
  if (CERTIFICATE_CODES.has(code)) {
    return new KubernetesError(
      "AFFLUX_KUBERNETES_CERTIFICATE_UNTRUSTED",
      `the certificate of ${server} is not trusted (${code}); check certificate-authority-data in ${access2.origin}`,
      options
    );
  }
  if (LOST_CODES.has(code)) {
    return new KubernetesError(
      "AFFLUX_KUBERNETES_UNREACHABLE",
      `the connection to ${server} was lost; a write may or may not have taken effect`,
      options
    );
  }
  const why = ADVICE[code] ?? (error instanceof Error ? error.message : String(error));
  return new KubernetesError(
    "AFFLUX_KUBERNETES_UNREACHABLE",
    `cannot reach ${server} (${access2.origin}): ${why}`,
    options
  );
}

// packages/control-kubernetes/src/connections.ts
var import_undici = __toESM(require_undici(), 1);
var CONNECTIONS_MAX = 32;
var CONNECT_MS_MAX = 1e4;
var IDLE_MS_MAX = 3e4;
var Connections = class {
  #access;
  #pools;
  #open = /* @__PURE__ */ new Set();
  #isClosed = false;
  constructor(access2) {
    this.#access = access2;
  }
  get isClosed() {
    return this.#isClosed;
  }
  /** The pool for a request with these credentials. */
  pool(credentials, use) {
    if (this.#pools === void 0 || this.#pools.cert !== credentials.cert) {
      const old = this.#pools;
      this.#pools = this.#openPools(credentials);
      if (old !== void 0) for (const agent of [old.requests, old.streams]) this.#retire(agent);
    }
    return this.#pools[use];
  }
  /** Breaks every connection; what is under way fails. */
  async close() {
    this.#isClosed = true;
    const agents = [...this.#open];
    this.#open.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }
  #retire(agent) {
    const done = () => {
      this.#open.delete(agent);
    };
    void agent.close().then(done, done);
  }
  #openPools({ cert, key }) {
    const { ca, tlsServerName, insecureSkipTlsVerify } = this.#access;
    const connect = {
      timeout: CONNECT_MS_MAX,
      rejectUnauthorized: insecureSkipTlsVerify !== true,
      ...ca === void 0 ? {} : { ca },
      ...cert === void 0 ? {} : { cert },
      ...key === void 0 ? {} : { key },
      ...tlsServerName === void 0 ? {} : { servername: tlsServerName }
    };
    const common = {
      connect,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS_MAX,
      keepAliveMaxTimeout: IDLE_MS_MAX
    };
    const requests = new import_undici.Agent({ ...common, connections: CONNECTIONS_MAX });
    const streams = new import_undici.Agent(common);
    for (const agent of [requests, streams]) this.#open.add(agent);
    return { cert, requests, streams };
  }
};

// packages/control-kubernetes/src/credentials.ts
import { readFile as readFile3 } from "node:fs/promises";

// packages/control-kubernetes/src/exec-credential.ts
import { execFile } from "node:child_process";
var EXEC_MS_MAX = 6e4;
var OUTPUT_BYTES_MAX = 1024 * 1024;
var STDERR_CHARS_SHOWN = 500;
async function runExecPlugin(plugin, access2) {
  const env = { ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, access2) };
  return parseCredential(plugin, await run(plugin, env));
}
function execInfo(plugin, access2) {
  const cluster = {
    server: access2.server,
    "tls-server-name": access2.tlsServerName,
    "insecure-skip-tls-verify": access2.insecureSkipTlsVerify,
    "certificate-authority-data": access2.ca === void 0 ? void 0 : Buffer.from(access2.ca, "utf8").toString("base64"),
    config: plugin.clusterConfig
  };
  return JSON.stringify({
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...plugin.provideClusterInfo ? { cluster } : {} }
  });
}
function run(plugin, env) {
  return new Promise((resolve3, reject) => {
    const child = execFile(
      plugin.command,
      plugin.args,
      { env, timeout: EXEC_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (error === null) resolve3(stdout);
        else reject(runFailed(plugin, error, stderr));
      }
    );
    child.stdin?.end();
  });
}
function runFailed(plugin, error, stderr) {
  if (error.code === "ENOENT") {
    const hint = plugin.installHint === void 0 ? "" : `: ${plugin.installHint}`;
    return failed(plugin, `is not installed or not in PATH${hint}`);
  }
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return failed(plugin, `printed more than ${String(OUTPUT_BYTES_MAX)} bytes`);
  }
  if (error.killed === true) return failed(plugin, `took longer than ${String(EXEC_MS_MAX)} ms`);
  const complaint = stderr.trim().slice(0, STDERR_CHARS_SHOWN);
  return failed(plugin, `failed${complaint === "" ? "" : `: ${complaint}`}`);
}
function failed(plugin, problem) {
  return new KubernetesError(
    "AFFLUX_KUBERNETES_CREDENTIALS_FAILED",
    `the credential program ${plugin.command} ${problem}`,
    { details: { command: plugin.command } }
  );
}
function parseCredential(plugin, output) {
  let answer;
  try {
    answer = JSON.parse(output);
  } catch {
    throw failed(plugin, "printed something that is not JSON");
  }
  if (answer?.kind !== "ExecCredential" || answer.apiVersion !== plugin.apiVersion) {
    throw failed(plugin, `printed no ExecCredential of ${plugin.apiVersion}`);
  }
  const status = answer.status ?? {};
  const text = (name) => {
    const value = status[name];
    return typeof value === "string" && value !== "" ? value : void 0;
  };
  const token = text("token");
  const cert = text("clientCertificateData");
  const key = text("clientKeyData");
  if (cert === void 0 !== (key === void 0)) {
    throw failed(plugin, "printed a certificate without a key, or a key without a certificate");
  }
  if (token === void 0 && cert === void 0) {
    throw failed(plugin, "printed neither a token nor a certificate");
  }
  const expiresAtMs = Date.parse(text("expirationTimestamp") ?? "");
  return { token, cert, key, expiresAtMs: Number.isNaN(expiresAtMs) ? void 0 : expiresAtMs };
}

// packages/control-kubernetes/src/credentials.ts
var TOKEN_FILE_MS_MAX = 6e4;
var EXPIRY_MARGIN_MS = 1e4;
var CredentialSource = class {
  #access;
  #clock;
  #held;
  #pending;
  constructor(access2, clock) {
    this.#access = access2;
    this.#clock = clock;
  }
  /** Credentials that are good now. Rejects with AFFLUX_KUBERNETES_CREDENTIALS_FAILED. */
  async get() {
    if (this.#held?.isStale() === false) return this.#held.credentials;
    this.#pending ??= this.#obtain().finally(() => {
      this.#pending = void 0;
    });
    this.#held = await this.#pending;
    return this.#held.credentials;
  }
  /** The server refused these. True when asking for others can help. */
  refused(credentials) {
    const { exec, tokenFile } = this.#access;
    if (exec === void 0 && tokenFile === void 0) return false;
    if (this.#held?.credentials === credentials) this.#held = void 0;
    return true;
  }
  async #obtain() {
    const { cert, key, exec, tokenFile, token, username, password } = this.#access;
    if (tokenFile !== void 0) return this.#readTokenFile(tokenFile);
    if (exec !== void 0 && token === void 0) {
      const { expiresAtMs, ...found } = await runExecPlugin(exec, this.#access);
      return {
        credentials: {
          authorization: found.token === void 0 ? void 0 : `Bearer ${found.token}`,
          cert: found.cert ?? cert,
          key: found.key ?? key
        },
        isStale: () => expiresAtMs !== void 0 && this.#clock.now() > expiresAtMs - EXPIRY_MARGIN_MS
      };
    }
    return {
      credentials: { authorization: fixedHeader({ token, username, password }), cert, key },
      isStale: () => false
    };
  }
  async #readTokenFile(path) {
    const readMs = this.#clock.monotonicMs();
    let token;
    try {
      token = (await readFile3(path, "utf8")).trim();
    } catch (cause) {
      throw new KubernetesError(
        "AFFLUX_KUBERNETES_CREDENTIALS_FAILED",
        `the token file ${path} cannot be read`,
        { cause, details: { file: path } }
      );
    }
    const { cert, key } = this.#access;
    return {
      credentials: { authorization: `Bearer ${token}`, cert, key },
      isStale: () => this.#clock.monotonicMs() - readMs > TOKEN_FILE_MS_MAX
    };
  }
};
function fixedHeader(access2) {
  const { token, username, password } = access2;
  if (token !== void 0) return `Bearer ${token}`;
  if (username === void 0) return void 0;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`, "utf8").toString("base64")}`;
}

// packages/control-kubernetes/src/lifetime.ts
var Lifetime = class {
  #clock;
  #controller = new AbortController();
  #callerSignal;
  #timer;
  constructor(clock, callerSignal) {
    this.#clock = clock;
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted === true) this.#onCallerAbort();
    else callerSignal?.addEventListener("abort", this.#onCallerAbort, { once: true });
  }
  /** Aborts with what the exchange is to fail with. */
  get signal() {
    return this.#controller.signal;
  }
  /** Ends the exchange with an error unless it is disarmed or armed anew before. */
  arm(delayMs, makeError) {
    this.disarm();
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#controller.abort(makeError());
    });
  }
  disarm() {
    this.#timer?.cancel();
    this.#timer = void 0;
  }
  /** Ends the exchange; the error is what a wait for it fails with. */
  abort(error) {
    this.#controller.abort(error);
    this.end();
  }
  /** The exchange is over: no timer, no listener. */
  end() {
    this.disarm();
    this.#callerSignal?.removeEventListener("abort", this.#onCallerAbort);
  }
  #onCallerAbort = () => {
    if (this.#callerSignal !== void 0) this.#controller.abort(abortedError(this.#callerSignal));
  };
};

// packages/control-kubernetes/src/warnings.ts
var WARNING = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;
function warningsOf(header) {
  if (header === void 0) return [];
  const lines = typeof header === "string" ? [header] : header;
  return lines.flatMap(
    (line) => [...line.matchAll(WARNING)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"))
  );
}

// packages/control-kubernetes/src/rest-client.ts
var REST_CLIENT_LIMITS = {
  requestMsMax: 6e4,
  streamStartMsMax: 3e4,
  streamSilenceMsMax: 15e4,
  answerBytesMax: 64 * 1024 * 1024,
  retriesMax: 10,
  retryAfterMsMax: 3e4
};
var RestClient = class {
  access;
  #clock;
  #limits;
  #userAgent;
  #credentials;
  #connections;
  #url;
  /** Does no I/O. */
  constructor(access2, options) {
    this.access = access2;
    this.#clock = options.clock;
    this.#limits = { ...REST_CLIENT_LIMITS, ...options.limits };
    this.#userAgent = options.userAgent ?? "afflux";
    this.#credentials = new CredentialSource(access2, options.clock);
    this.#connections = new Connections(access2);
    this.#url = new URL(access2.server);
  }
  /**
   * Sends a request and reads its answer. Rejects with `StoreError` or `KubernetesError` for every answer that is
   * no success, and with AFFLUX_KERNEL_ABORTED when the signal aborts.
   */
  async request(request) {
    const lifetime = new Lifetime(this.#clock, request.signal);
    try {
      for (let isFirst = true; ; isFirst = false) {
        try {
          return await this.#readWhole(request, lifetime);
        } catch (error) {
          if (!isFirst || request.method !== "GET" || !isConnectionLost2(error)) throw error;
        }
      }
    } catch (error) {
      throw this.#translate(error, lifetime);
    } finally {
      lifetime.end();
    }
  }
  /** Starts a GET whose answer goes on and on: a watch, a log. Resolves when it begins; rejects as `request`. */
  async stream(request) {
    const lifetime = new Lifetime(this.#clock, request.signal);
    try {
      const response = await this.#send({ ...request, method: "GET" }, lifetime, "streams");
      lifetime.disarm();
      response.body.on("error", () => void 0);
      const { statusCode: status, headers } = response;
      return {
        status,
        headers,
        warnings: warningsOf(headers["warning"]),
        chunks: this.#follow(response, lifetime, request.silenceMsMax),
        cancel: () => {
          lifetime.abort(new Error("the stream was cancelled"));
          response.body.destroy();
        }
      };
    } catch (error) {
      lifetime.end();
      throw this.#translate(error, lifetime);
    }
  }
  /** Breaks all connections. Idempotent. */
  close() {
    return this.#connections.close();
  }
  async #readWhole(request, lifetime) {
    const response = await this.#send(request, lifetime, "requests");
    const text = await this.#text(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      warnings: warningsOf(response.headers["warning"]),
      text: () => text,
      json: () => parseJson(text)
    };
  }
  /** Sends until there is an answer that counts; a success, or an error thrown. */
  async #send(request, lifetime, use) {
    const { requestMsMax, streamStartMsMax, retriesMax } = this.#limits;
    const msMax = use === "requests" ? requestMsMax : streamStartMsMax;
    let hasRenewed = false;
    for (let retries = 0; ; ) {
      lifetime.arm(msMax, () => this.#timeout(msMax));
      const credentials = await this.#credentials.get();
      const response = await this.#dispatch(request, credentials, lifetime, use);
      const { statusCode } = response;
      if (statusCode < 300) return response;
      const text = await this.#text(response);
      if (statusCode === 401 && !hasRenewed && this.#credentials.refused(credentials)) {
        hasRenewed = true;
        continue;
      }
      const waitMs = this.#retryAfterMs(response);
      if (waitMs === void 0 || retries >= retriesMax) {
        throw refusalError(statusCode, text);
      }
      retries += 1;
      lifetime.disarm();
      await this.#clock.sleep(waitMs, lifetime.signal);
    }
  }
  #dispatch(request, credentials, lifetime, use) {
    if (this.#connections.isClosed) {
      throw new KubernetesError("AFFLUX_KUBERNETES_CLOSED", "the client is closed");
    }
    const agent = this.#connections.pool(credentials, use);
    const { authorization } = credentials;
    return agent.request({
      origin: this.#url.origin,
      path: this.#path(request),
      method: request.method,
      headers: {
        accept: "application/json",
        "accept-encoding": "gzip",
        "user-agent": this.#userAgent,
        ...request.body === void 0 ? {} : { "content-type": request.contentType ?? "application/json" },
        ...authorization === void 0 ? {} : { authorization },
        ...request.headers
      },
      body: bodyText(request.body),
      signal: lifetime.signal
    });
  }
  #path(request) {
    const base = this.#url.pathname === "/" ? "" : this.#url.pathname;
    const query = queryText(request.query ?? {});
    return `${base}${request.path}${query === "" ? "" : `?${query}`}`;
  }
  #text(response) {
    return readBody(response.body, encodingOf(response), this.#limits.answerBytesMax);
  }
  #retryAfterMs({ statusCode, headers }) {
    if (statusCode !== 429 && statusCode !== 503) return void 0;
    const value = headers["retry-after"];
    if (typeof value !== "string" || !/^\d{1,9}$/.test(value)) return void 0;
    return Math.min(Number(value) * 1e3, this.#limits.retryAfterMsMax);
  }
  async *#follow(response, lifetime, silenceMsMax = this.#limits.streamSilenceMsMax) {
    const listen = () => {
      if (silenceMsMax > 0) lifetime.arm(silenceMsMax, () => this.#silent(silenceMsMax));
    };
    try {
      listen();
      for await (const chunk of unpacked(response.body, encodingOf(response))) {
        lifetime.disarm();
        yield chunk;
        listen();
      }
    } catch (error) {
      throw this.#translate(error, lifetime);
    } finally {
      lifetime.end();
    }
  }
  #timeout(msMax) {
    return new KubernetesError(
      "AFFLUX_KUBERNETES_TIMEOUT",
      `${this.access.server} did not answer within ${String(msMax)} ms; a write may or may not have taken effect`,
      { details: { server: this.access.server, msMax } }
    );
  }
  #silent(silenceMsMax) {
    return new KubernetesError(
      "AFFLUX_KUBERNETES_STREAM_SILENT",
      `nothing came from ${this.access.server} for ${String(silenceMsMax)} ms`,
      { details: { server: this.access.server, silenceMsMax } }
    );
  }
  /** What was aborted fails with the reason of that; what the network threw is put in words. */
  #translate(error, lifetime) {
    if (lifetime.signal.aborted) return lifetime.signal.reason;
    return isOurs(error) ? error : connectionError(error, this.access);
  }
};
function isOurs(error) {
  return error instanceof AffluxError;
}
function encodingOf({ headers }) {
  const encoding = headers["content-encoding"];
  return typeof encoding === "string" ? encoding.toLowerCase() : void 0;
}
function bodyText(body) {
  if (body === void 0) return null;
  return typeof body === "string" ? body : JSON.stringify(body);
}
function queryText(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === void 0) continue;
    const values = typeof value === "object" ? value : [String(value)];
    for (const each of values) parameters.append(name, each);
  }
  return parameters.toString();
}
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubernetesError(
      "AFFLUX_KUBERNETES_ANSWER_INVALID",
      "the server answered with something that is not JSON",
      { cause }
    );
  }
}

// packages/cli/src/kubernetes/reading.ts
var PAGE = 500;
var OBJECTS_MAX = 1e5;
function listPath(resource, { namespace, allNamespaces }) {
  return collectionPath(resource, allNamespaces === true ? void 0 : namespace);
}
function pathOfObject(resource, namespace, name) {
  return objectPath(resource, resource.namespaced ? { namespace, name } : { name });
}
function selectionQuery({ selector, fieldSelector }) {
  return {
    ...selector === void 0 ? {} : { labelSelector: selector },
    ...fieldSelector === void 0 ? {} : { fieldSelector }
  };
}
async function readPages(session, resource, options) {
  try {
    return await pagesBy(session, resource, { ...options, limit: PAGE });
  } catch (error) {
    if (!isExpired(error)) throw error;
    return pagesBy(session, resource, { ...options, limit: void 0 });
  }
}
async function pagesBy(session, resource, options) {
  const { scope, accept, size, limit } = options;
  const pages = [];
  let count = 0;
  let next;
  do {
    const page = await session.json({
      method: "GET",
      path: listPath(resource, scope),
      query: { ...selectionQuery(scope), limit, continue: next },
      ...accept === void 0 ? {} : { headers: { accept } }
    });
    pages.push(page);
    count += size(page);
    if (count > OBJECTS_MAX) {
      throw failedWith(
        `error: more than ${String(OBJECTS_MAX)} ${resource.plural}: narrow the selection`
      );
    }
    next = page.metadata?.continue;
  } while (next !== void 0 && next !== "");
  return pages;
}
async function readObjects(session, resource, scope) {
  const pages = await readPages(session, resource, {
    scope,
    size: ({ items = [] }) => items.length
  });
  return {
    items: pages.flatMap(({ items = [] }) => items.map((item) => withKind(item, resource))),
    resourceVersion: pages.at(-1)?.metadata?.resourceVersion ?? ""
  };
}
function withKind(item, { apiVersion, kind }) {
  return { ...item, apiVersion, kind };
}
async function readObject(session, resource, { namespace, name }) {
  const path = pathOfObject(resource, namespace, name);
  return await session.json({ method: "GET", path });
}

// packages/cli/src/kubernetes/resource-arguments.ts
function parseResourceArguments(args) {
  const [first = "", ...names] = args;
  if (args.length === 0) return [];
  if (args.some((arg) => arg.includes("/"))) return args.map((arg) => typeAndName(arg, args));
  const types = first.split(",").map((type) => type.trim());
  const empty = types.find((type) => type === "");
  if (empty !== void 0) {
    throw failedWith(`error: the server doesn't have a resource type "${empty}"`);
  }
  if (names.length === 0) return types.map((type) => ({ type, name: void 0 }));
  return types.flatMap((type) => names.map((name) => ({ type, name })));
}
function typeAndName(arg, args) {
  const [type = "", name = "", ...more] = arg.split("/");
  if (!arg.includes("/")) {
    throw failedWith(
      `error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'afflux get resource/<resource_name>' instead of 'afflux get resource resource/<resource_name>'): ${args.join(" ")}`
    );
  }
  if (type === "" || name === "" || more.length > 0 || type.includes(",")) {
    throw failedWith("error: arguments in resource/name form must have a single resource and name");
  }
  return { type, name };
}
function checkSelection(args, selection) {
  const { selector, fieldSelector, all = false, allNamespaces = false } = selection;
  if (!args.some(({ name }) => name !== void 0)) return;
  if (selector !== void 0 || fieldSelector !== void 0 || all) {
    throw failedWith("error: name cannot be provided when a selector is specified");
  }
  if (allNamespaces) {
    throw failedWith("error: a resource cannot be retrieved by name across all namespaces");
  }
}

// packages/cli/src/kubernetes/session.ts
import { readFile as readFile4 } from "node:fs/promises";
import { homedir } from "node:os";
import { join as join3 } from "node:path";
var TOKEN_FILE = "token";
var TOKEN_BYTES_MAX = 4096;
var Session = class {
  namespace;
  /** Whether the namespace was given by hand; then it must be that of every object. */
  isNamespaceGiven;
  /** The running Afflux, as opposed to a cluster. */
  isAfflux;
  server;
  io;
  #client;
  #discovery;
  constructor(io, access2, flags) {
    this.io = io;
    this.namespace = access2.namespace;
    this.isNamespaceGiven = flags.namespace !== void 0;
    this.isAfflux = !isCluster(flags);
    this.server = access2.server;
    this.#client = new RestClient(access2, { clock: io.clock, userAgent: "afflux" });
    this.#discovery = new Discovery(this.#client, { clock: io.clock });
  }
  async request(request) {
    return this.#inWords(this.#client.request({ signal: this.io.interrupted, ...request }));
  }
  async json(request) {
    return (await this.request(request)).json();
  }
  async stream(request) {
    return this.#inWords(this.#client.stream({ signal: this.io.interrupted, ...request }));
  }
  /** The resources that a word means: one, or those of a category. */
  async resolve(word) {
    try {
      return await this.#inWords(this.#discovery.resolve(word));
    } catch (error) {
      const isUnknown = error.code === "AFFLUX_KUBERNETES_RESOURCE_UNKNOWN";
      if (!isUnknown) throw error;
      throw failedWith(`error: the server doesn't have a resource type "${word}"`);
    }
  }
  /** The resource of a kind; undefined when the server has none. */
  async resourceOf(apiVersion, kind) {
    return this.#inWords(this.#discovery.get(apiVersion, kind));
  }
  close() {
    return this.#client.close();
  }
  async #inWords(work) {
    try {
      return await work;
    } catch (error) {
      const isRefusal = error.code === "AFFLUX_KUBERNETES_UNREACHABLE";
      const cause = error.cause?.code;
      if (!this.isAfflux || !isRefusal || cause !== "ECONNREFUSED") throw error;
      throw failedWith(
        `error: cannot reach Afflux at ${this.server} (nothing listens there): is it running? Start it with afflux dev, or name its control port with --control, or a cluster with --context`
      );
    }
  }
};
async function withSession(io, flags, work) {
  const session = new Session(io, await accessOf2(io, flags), flags);
  try {
    await work(session);
  } catch (error) {
    if (isAborted(error) && io.interrupted.aborted) throw failedWith("error: interrupted");
    throw error;
  } finally {
    await session.close();
  }
}
function isCluster({ context, kubeconfig }) {
  return context !== void 0 || kubeconfig !== void 0;
}
async function accessOf2(io, flags) {
  const { control, dataDir, namespace } = flags;
  if (!isCluster(flags)) {
    return {
      server: controlUrl(control),
      namespace: namespace ?? "default",
      origin: "the control port",
      token: await controlToken(io, dataDir)
    };
  }
  if (control !== void 0 || dataDir !== void 0) {
    throw usageError("--control and --data-dir are for an Afflux, --context and --kubeconfig not");
  }
  return loadClusterAccess({
    env: io.env,
    homeDirectory: io.env["HOME"] ?? homedir(),
    path: flags.kubeconfig,
    context: flags.context,
    namespace
  });
}
function controlUrl(text = CONTROL_URL) {
  const url = URL.canParse(text) ? new URL(text) : void 0;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw usageError(`--control ${JSON.stringify(text)} is not an http or https address`);
  }
  if (url.username !== "" || url.password !== "") {
    throw usageError("--control must not contain a user or password: the token is AFFLUX_TOKEN");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
async function controlToken(io, dataDir) {
  const given = io.env["AFFLUX_TOKEN"] ?? "";
  if (given !== "") return given;
  if (dataDir === void 0) return void 0;
  const file = join3(dataDir, TOKEN_FILE);
  let text;
  try {
    text = await readFile4(file, "utf8");
  } catch (cause) {
    const { code } = cause;
    if (code === "ENOENT") return void 0;
    throw usageError(`cannot read the token in ${file} (${code ?? String(cause)})`);
  }
  const token = text.trim();
  if (token === "" || token.length > TOKEN_BYTES_MAX || /\s/.test(token)) {
    throw usageError(`${file} holds no token`);
  }
  return token;
}

// packages/cli/src/kubernetes/wanted.ts
async function resolveAll(session, asked) {
  const wanted = [];
  for (const { type, name } of asked) {
    const resources = await session.resolve(type);
    wanted.push(...resources.map((resource) => ({ resource, name })));
  }
  return wanted;
}

// packages/cli/src/kubernetes/tab-writer.ts
var TABLE_TABS = { widthMin: 6, padding: 3 };
var DESCRIPTION_TABS = { widthMin: 0, padding: 2 };
function alignTabs(text, options, remembered = []) {
  const lines = text.split("\n").map((line) => line.split("	"));
  const widths = lines.map(() => []);
  setWidths({ lines, widths, options, remembered }, { from: 0, to: lines.length, column: 0 });
  return lines.map(
    (cells, line) => cells.map(
      (cell, column) => column === cells.length - 1 ? cell : pad(cell, widths[line]?.[column] ?? 0)
    ).join("")
  ).join("\n");
}
function setWidths(layout, { from, to, column }) {
  const hasColumn = (line) => (layout.lines[line]?.length ?? 0) - 1 > column;
  for (let line = from; line < to; line += 1) {
    if (!hasColumn(line)) continue;
    let end = line;
    while (end < to && hasColumn(end)) end += 1;
    const width = columnWidth(layout, { from: line, to: end, column });
    for (let each = line; each < end; each += 1) layout.widths[each]?.push(width);
    setWidths(layout, { from: line, to: end, column: column + 1 });
    line = end;
  }
}
function columnWidth({ lines, options, remembered }, { from, to, column }) {
  let width = Math.max(options.widthMin, remembered[column] ?? 0);
  for (const cells of lines.slice(from, to)) {
    width = Math.max(width, length(cells[column] ?? "") + options.padding);
  }
  remembered[column] = width;
  return width;
}
function pad(cell, width) {
  return cell + " ".repeat(Math.max(0, width - length(cell)));
}
function length(text) {
  return [...text].length;
}
function escaped(text) {
  return text.replaceAll("\x1B", "^[").replaceAll("\r", "\\r");
}

// packages/cli/src/kubernetes/human-duration.ts
var SECOND = 1;
var MINUTE = 60 * SECOND;
var HOUR = 60 * MINUTE;
var DAY = 24 * HOUR;
var YEAR = 365 * DAY;
function humanDuration(ms) {
  const seconds = Math.trunc(ms / 1e3);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * MINUTE) return `${String(seconds)}s`;
  if (seconds < 10 * MINUTE) return two(seconds, { unit: MINUTE, name: "m", rest: "seconds" });
  if (seconds < 3 * HOUR) return one(seconds, MINUTE, "m");
  if (seconds < 8 * HOUR) return two(seconds, { unit: HOUR, name: "h", rest: "minutes" });
  if (seconds < 2 * DAY) return one(seconds, HOUR, "h");
  if (seconds < 8 * DAY) return two(seconds, { unit: DAY, name: "d", rest: "hours" });
  if (seconds < 2 * YEAR) return one(seconds, DAY, "d");
  if (seconds < 8 * YEAR) return two(seconds, { unit: YEAR, name: "y", rest: "days" });
  return one(seconds, YEAR, "y");
}
var RESTS = {
  seconds: { unit: SECOND, name: "s" },
  minutes: { unit: MINUTE, name: "m" },
  hours: { unit: HOUR, name: "h" },
  days: { unit: DAY, name: "d" }
};
function one(seconds, unit, name) {
  return `${String(Math.floor(seconds / unit))}${name}`;
}
function two(seconds, form) {
  const { unit, name } = RESTS[form.rest];
  const rest = Math.floor(seconds % form.unit / unit);
  const whole = one(seconds, form.unit, form.name);
  return rest === 0 ? whole : `${whole}${String(rest)}${name}`;
}

// packages/cli/src/kubernetes/objects.ts
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function kindWord({ kind, group }) {
  return `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}`;
}
function objectWord(resource, name) {
  return `${kindWord(resource)}/${name}`;
}
function groupOf(apiVersion) {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
function withoutManagedFields(object) {
  if (object.metadata.managedFields === void 0) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

// packages/cli/src/kubernetes/go-text.ts
function goText(value) {
  if (value === null || value === void 0) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
    return `map[${entries.map(([key, item]) => `${key}:${goText(item)}`).join(" ")}]`;
  }
  return typeof value === "number" ? numberText(value) : String(value);
}
function numberText(value) {
  const size = Math.abs(value);
  const text = size !== 0 && size < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

export {
  isNotFound,
  isExpired,
  isAborted,
  isConnectionLost,
  Failures,
  failedWith,
  asStatus,
  statusError,
  linesOf,
  listPath,
  pathOfObject,
  selectionQuery,
  readPages,
  readObjects,
  readObject,
  TABLE_TABS,
  DESCRIPTION_TABS,
  alignTabs,
  escaped,
  humanDuration,
  isRecord,
  kindWord,
  objectWord,
  groupOf,
  withoutManagedFields,
  goText,
  parseResourceArguments,
  checkSelection,
  withSession,
  resolveAll
};
