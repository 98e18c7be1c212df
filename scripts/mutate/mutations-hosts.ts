import { type Mutation, mutationsOf } from "./mutation.ts";

const TAGS = "test/hosts/hono-tags-count.test.ts";
const UPGRADES = "test/hosts/node-upgrade.test.ts";
const HANDSHAKES = "test/hosts/hono-handshakes.test.ts";

/** Tags of routes, and what comes before and after them. */
export const HOSTS: readonly Mutation[] = [
	...mutationsOf(
		"hosts/node-send.ts",
		["src/hosts/node-send.test.ts"],
		[
			["body-goes-on", "the body of a browser that has gone is not cancelled", "reader.cancel().catch(ignore);", ""],
			[
				"half-an-answer",
				"what was sent of a body that fails passes for the whole",
				"\t\tcutOff(response);\n\t\treturn;",
				"\t\tresponse.end();\n\t\treturn;",
			],
			[
				"failing-listener",
				"a listener that rejects ends the process",
				'fail({ request, response, gate }, "The app\'s listener failed", error);',
				"throw error;",
			],
			[
				"body-in-use",
				"a body that was read passes for an empty one",
				'else if (answer.bodyUsed) throw new TypeError("The body of the answer was read already");',
				"",
			],
			[
				"gone-is-logged",
				"what a browser that has gone leads to is logged",
				"if (isOver(response) && !response.writableEnded && isDisconnection(error)) return;",
				"",
			],
		],
	),
	...mutationsOf(
		"state/streams.ts",
		["test/hosts/node.test.ts"],
		[
			[
				"stream-overrun",
				"a browser that reads slowly loses what it begins with",
				"if (this.#unread < ENOUGH_UNREAD) return false;",
				"return false;",
			],
			[
				"never-overrun",
				"a browser that does not read keeps its stream",
				"this.#missed += entry.size;",
				"this.#missed += 0;",
			],
		],
	),
	...mutationsOf(
		"state/lines.ts",
		["src/state/lines.test.ts"],
		[
			[
				"unread-lines",
				"lines are kept for a browser that reads none",
				"this.#unread > 0 && this.#unread + text.length > MAX_UNREAD",
				"false",
			],
			[
				"lines-for-nobody",
				"lines are kept for a browser that has gone",
				"return: async () => {\n\t\t\t\tthis.#drop();",
				"return: async () => {",
			],
		],
	),
	...mutationsOf(
		"hosts/hono-tags.ts",
		[TAGS],
		[
			[
				"tag-uncounted",
				"a tag that no guard has counted lets everybody pass",
				"if (variable(c, COUNTED) !== tag) return passLate(c, tag, { rule, site }, next);",
				"",
			],
			[
				"tag-without-guard",
				"without a guard a tag says nothing",
				"return refuse(tag, site);",
				"return (await next()) as undefined;",
			],
		],
	),
	...mutationsOf(
		"hosts/hono.ts",
		[TAGS],
		[
			[
				"hand-on",
				"what a tagged route hands on runs, and is withheld afterwards",
				"if (!decision?.admission.decidedByTag) return next();",
				"return next();",
			],
			[
				"same-path",
				"a tag opens a second route of its path too",
				"first.every((each, index) => each === second[index])",
				"first.every((each) => each !== undefined)",
			],
			[
				"handshake-breaks",
				"a connection that breaks during a handshake ends the process",
				'socket?.on("error", () => socket.destroy());',
				"",
				{ tests: [HANDSHAKES] },
			],
			[
				"late-rule",
				"a tag that is reached late is no rule",
				"new LateCall(c.req.raw, c.env, this.#known, rule)",
				"new HonoCall(c.req.raw, c.env)",
			],
			[
				"withheld-handshake",
				"a handshake that middleware has taken goes on though it was refused",
				"handshakeSocket(c.env)?.destroy();",
				"return;",
				{ tests: [HANDSHAKES] },
			],
			[
				"handshake-address",
				"the origin of a handshake is what the server made up",
				"socket === undefined ? this.#request.url : handshakeUrl(this.#request, socket)",
				"this.#request.url",
				{ tests: [HANDSHAKES] },
			],
		],
	),
	...mutationsOf(
		"app/gate.ts",
		[HANDSHAKES],
		[
			[
				"handshake-csrf",
				"handshakes of other sites are taken",
				"if (isHandshake(call)) return !this.#hasOwnOrigin(call);",
				"",
			],
			["handshake-fast", "a handshake is let in like any page", 'call.header("upgrade") === null', "true"],
		],
	),
	...mutationsOf(
		"guard/handshake.ts",
		[HANDSHAKES],
		[
			["handshake-connect", "a handshake over HTTP/2 is none", 'if (method === "CONNECT") return true;', ""],
			["handshake-spelling", "Upgrade counts in one spelling", "/websocket/i.test(upgrade)", 'upgrade === "websocket"'],
		],
	),
	...mutationsOf(
		"hosts/held-sockets.ts",
		[UPGRADES],
		[["socket-look-again", "a socket outlives the rule of its path", "if (!isSame) this.#end(held);", ""]],
	),
	...mutationsOf(
		"base/maybe-promise.ts",
		["test/security/replaced-promise.test.ts"],
		[
			[
				"other-promise",
				"a promise that is no instance of the global class is taken for the answer",
				'return typeof then === "function";',
				'return typeof then === "function" && value instanceof Promise;',
			],
		],
	),
	...mutationsOf(
		"hosts/node-upgrade.ts",
		[UPGRADES],
		[
			[
				"upgrade-refusal",
				"handshakes are taken whatever the gate says",
				'if (admission.kind === "answered") return refuse(socket, admission.response);',
				'if (admission.kind === "answered") return;',
			],
			["upgrade-frames", "a frame that breaks the protocol ends the process", 'accepted.on("error", () => {});', ""],
			[
				"upgrade-twice",
				"two upgrade() take the handshakes of one server",
				'if (server.listeners("upgrade").some((listener) => OWN.has(listener as object)))',
				"if (server === undefined)",
			],
		],
	),
];
