// `@fastify/cors` under the standard app on Fastify, as a subject of the harness: JSON lines on
// stdin and stdout, HTTP on a loopback port. What a policy becomes is in `corsOptions`, the app in
// `standardApp`, the socket in `serve`, the protocol at the end.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, METHODS } from 'node:http';
import { createInterface } from 'node:readline';

import cors from '@fastify/cors';
import Fastify from 'fastify';

const about = {
  // Another release under this program has another name.
  name: process.argv[2] ?? 'fastify-cors',
  version: installed('@fastify/cors'),
  language: 'JavaScript',
  runtime: `fastify ${installed('fastify')} on node ${process.versions.node}`,
  homepage: 'https://github.com/fastify/fastify-cors',
  issues: 'https://github.com/fastify/fastify-cors/issues',
  role: 'server',
  capabilities: {
    origins: ['any', 'list', 'subdomains_of', 'patterns', 'null'],
    methods: ['any', 'list'],
    request_headers: ['any', 'list'],
    expose_headers: ['any', 'list'],
    credentials: true,
    max_age: true,
    private_network: false,
    paths: false,
    dynamic: true,
    http2: false,
  },
};

// How many cases a counter remembers; the oldest goes first.
const MOST_CASES = 10_000;

/** The package has no option that says this part of a policy. */
class Unsupported extends Error {
  constructor(feature, reason) {
    super(reason);
    this.feature = feature;
  }
}

/** The package refused its options, in these words. */
class Rejected extends Error {}

/** The options of a policy: https://github.com/fastify/fastify-cors#options */
function corsOptions(policy) {
  if (policy.paths?.length > 0) {
    throw new Unsupported('paths', 'the options are one policy for all paths');
  }
  if (policy.private_network) {
    throw new Unsupported('private_network', 'there is no option for it');
  }
  const options = {
    origin: origin(policy.origins),
    methods: names(policy, 'methods'),
    exposedHeaders: names(policy, 'expose_headers'),
    credentials: policy.credentials ?? false,
  };
  // Left out, the headers that the request asks for are reflected.
  if (!policy.request_headers?.any) {
    options.allowedHeaders = policy.request_headers?.list ?? [];
  }
  if (policy.max_age != null) {
    options.maxAge = seconds(policy.max_age);
  }
  return policy.origins.subdomains_of?.length > 0 ? delegator(options) : options;
}

/**
 * There is no form for all subdomains of a host. Who computes what is allowed is shown a function
 * that gives each request its own options, where `true` is the origin that asks:
 * https://github.com/fastify/fastify-cors#custom-cors-options-based-on-request
 */
function delegator(options) {
  const allows = (origin) => [options.origin].flat().some((allowed) => {
    return allowed instanceof RegExp ? allowed.test(origin) : allowed === origin;
  });
  return () => (request, callback) => {
    callback(null, { ...options, origin: allows(request.headers.origin ?? '') });
  };
}

/** A string is one origin (`*`: all of them), an array holds strings and regular expressions. */
function origin({ any, list = [], subdomains_of = [], patterns = [], null: opaque = false }) {
  if (any) {
    return '*';
  }
  const origins = [...list, ...subdomains_of.map(subdomainsOf), ...patterns.map(anchored)];
  if (opaque) {
    return [...origins, 'null'];
  }
  return origins.length === 1 && list.length === 1 ? list[0] : origins;
}

/** Any characters that a host can have before the dot, any depth. */
function subdomainsOf(parent) {
  const [scheme, authority] = parent.split('://');
  const literal = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const label = '[!"$&\'()*+,;=_`{}~a-z0-9.\\-]+';
  return new RegExp(`^${literal(scheme)}:\\/\\/${label}\\.${literal(authority)}$`, 'u');
}

/** The group keeps an alternation inside the anchors. */
function anchored(pattern) {
  try {
    return new RegExp(`^(?:${pattern.slice(1, -1)})$`, 'u');
  } catch (error) {
    throw new Unsupported('origins.patterns', error.message);
  }
}

/**
 * The names are joined into the header as they are. There is no option for any, but `*` in the
 * header means it where there are no credentials; where there are, it is a name like others
 * (https://fetch.spec.whatwg.org/#http-new-header-syntax).
 */
function names(policy, field) {
  if (!policy[field]?.any) {
    return policy[field]?.list ?? [];
  }
  if (policy.credentials) {
    throw new Unsupported(field, 'any is said by `*` alone, which says nothing with credentials');
  }
  return ['*'];
}

function seconds(count) {
  if (!Number.isSafeInteger(count)) {
    throw new Unsupported('max_age', 'more seconds than a JavaScript number counts');
  }
  return count;
}

/** How often handlers ran, case by case. */
class Executions {
  #counts = new Map();

  add(id) {
    const count = this.of(id) + 1;
    if (count === 1 && this.#counts.size >= MOST_CASES) {
      this.#counts.delete(this.#counts.keys().next().value);
    }
    this.#counts.set(id, count);
  }

  of(id) {
    return this.#counts.get(id) ?? 0;
  }
}

/**
 * A whole Fastify app for each policy, as an app is closed to new routes once it runs. The plugin
 * is registered first and for all of it; the routes have the prefix that they are mounted at.
 */
async function standardApp(id, options, executions) {
  const app = Fastify();
  // Each route answers any method that Node knows, and no handler reads a body.
  // Fastify 4 has a list of its own, which nobody can add to.
  const known = app.supportedMethods ?? METHODS;
  const more = METHODS.filter((name) => !['CONNECT', ...known].includes(name));
  more.forEach((name) => app.addHttpMethod(name));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => payload.resume().on('end', done));
  try {
    await app.register(cors, options);
  } catch (error) {
    throw new Rejected(String(error));
  }

  await app.register(async (routes) => {
    const route = (path, handle) => {
      routes.all(path, async (request, reply) => {
        const { case: id } = request.query;
        if (id !== undefined) {
          executions.forEach((counter) => counter.add(String(id)));
        }
        return handle(request, reply);
      });
    };
    route('/plain', (request, reply) => {
      return reply.headers({ 'X-Total': '7', ETag: '"7"' }).send(request.method);
    });
    route('/vary', (request, reply) => {
      // Adds to what the plugin has set; the header alone would replace it.
      const fields = [reply.getHeader('Vary'), 'Accept-Language'].filter(Boolean);
      return reply.header('Vary', fields.join(', ')).send(request.method);
    });
    route('/own-cors', (request, reply) => {
      reply.header('Access-Control-Allow-Origin', 'https://own.example');
      return reply.send(request.method);
    });
    // A final status that Node's frameworks agree on.
    route('/status/:n', (request, reply) => {
      const { n } = request.params;
      return reply.code(/^[2-5]\d\d$/.test(n) ? Number(n) : 400).send();
    });
    route('/throw', () => {
      throw new Error('the handler failed');
    });
    route('/redirect', (request, reply) => {
      const { to } = request.query;
      return typeof to === 'string' ? reply.redirect(to) : reply.code(400).send();
    });
  }, { prefix: `/${id}` });
  return app.ready();
}

/** One socket for all mounts; a mounted app takes requests as `routing` gets them. */
async function serve(mounts, everywhere) {
  const server = createServer((request, response) => {
    const [first, second, third] = request.url.split('?', 1)[0].split('/').slice(1);
    // Outside of the middleware: of one mount, and of all together.
    if (first === 'executed' && !mounts.has(first)) {
      response.end(`${everywhere.of(second)}`);
    } else if (!mounts.has(first)) {
      response.writeHead(404).end('nothing is mounted here');
    } else if (second === 'executed') {
      response.end(`${mounts.get(first).executions.of(third)}`);
    } else {
      mounts.get(first).app.routing(request, response);
    }
  });
  server.listen(0, '127.0.0.1');
  // No connection is closed under a harness that pauses.
  server.keepAliveTimeout = 600_000;
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

const mounts = new Map();
const everywhere = new Executions();
const address = await serve(mounts, everywhere);

/** What is answered to each request of the protocol. */
const requests = {
  start({ protocol }) {
    if (protocol !== 1) {
      throw new Error(`protocol \`${protocol}\` is not spoken here`);
    }
    return { started: about };
  },

  async configure({ policies }) {
    const prepared = await Promise.all(policies.map(({ id, policy }) => prepare(id, policy)));
    prepared.filter(({ app }) => app).forEach((mount) => mounts.set(mount.id, mount));
    return { configured: prepared.map(({ app, executions, ...outcome }) => outcome) };
  },

  async release({ ids }) {
    const released = ids.map((id) => mounts.get(id)?.app);
    ids.forEach((id) => mounts.delete(id));
    await Promise.all(released.map((app) => app?.close()));
    return { released: ids };
  },

  stop() {
    return { stopped: {} };
  },
};

/** What becomes of a policy. */
async function prepare(id, policy) {
  const executions = new Executions();
  try {
    const app = await standardApp(id, corsOptions(policy), [executions, everywhere]);
    return { id, base: `${address}/${id}`, app, executions };
  } catch (error) {
    if (error instanceof Unsupported) {
      return { id, unsupported: { feature: error.feature, reason: error.message } };
    }
    if (error instanceof Rejected) {
      return { id, rejected: { message: error.message } };
    }
    throw error;
  }
}

async function answer(line) {
  let seq = 0;
  try {
    const request = JSON.parse(line);
    if (!Number.isSafeInteger(request.seq) || request.seq < 0) {
      throw new Error('`seq` is no whole number');
    }
    seq = request.seq;
    const [name, ...others] = Object.keys(request).filter((key) => key !== 'seq');
    if (others.length > 0 || !Object.hasOwn(requests, name ?? '')) {
      throw new Error(`not a request to a server: \`${[name, ...others].join(', ')}\``);
    }
    return { seq, ...(await requests[name](request[name])) };
  } catch (error) {
    return { seq, errored: { message: String(error) } };
  }
}

/** The version that is installed, which need not be the one in `package.json`. */
function installed(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(line);
  await new Promise((written) => process.stdout.write(`${JSON.stringify(answered)}\n`, written));
  if (answered.stopped) {
    break;
  }
}
process.exit(0);
