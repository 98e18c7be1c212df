import { type Mutation, mutationsOf } from "./mutation.ts";
import { always, becomes, replace, returns, skip, swap } from "./operations.ts";

const TAGS = "test/hosts/hono-tags-count.test.ts";
const UPGRADES = "test/hosts/node-upgrade.test.ts";
const HANDSHAKES = "test/hosts/hono-handshakes.test.ts";

/** Tags of routes, and what comes before and after them. */
export const HOSTS: readonly Mutation[] = [
	...mutationsOf(
		["src/hosts/node/send.test.ts"],
		[
			["body-goes-on", "the body of a browser that has gone is not cancelled"],
			[
				"half-an-answer",
				"what was sent of a body that fails passes for the whole",
				becomes("response.end()"),
			],
			["failing-listener", "a listener that rejects ends the process", replace("throw error;")],
			["body-in-use", "a body that was read passes for an empty one"],
			["gone-is-logged", "what a browser that has gone leads to is logged"],
			[
				"stalled-browser",
				"an answer waits for ever for a browser that takes nothing of it",
				swap("cutOff(response)", "undefined"),
			],
		],
	),
	...mutationsOf(
		["test/hosts/node.test.ts"],
		[
			["stream-overrun", "a browser that reads slowly loses what it begins with", always],
			["never-overrun", "a browser that does not read keeps its stream", swap("place.size", "0")],
		],
	),
	...mutationsOf(
		["test/hosts/hono-before.test.ts"],
		[
			["answered-before", "middleware around the gate answers in its place"],
			["other-request-before", "middleware around the gate has another request judged"],
			["replaced-before", "middleware around the gate replaces what a guarded route has answered"],
			["loosened-before", "middleware around the gate lets shared caches keep a private answer"],
		],
	),
	...mutationsOf(
		["test/hosts/made-gates.test.ts"],
		[["options-besides-gate", "rules that are given besides a gate count for nothing, silently"]],
	),
	...mutationsOf(
		["test/state/ended-streams.test.ts"],
		[["ended-unread", "a browser that does not read keeps what an ended stream holds"]],
	),
	...mutationsOf(
		["src/state/lines.test.ts"],
		[
			["unread-lines", "lines are kept for a browser that reads none"],
			["lines-for-nobody", "lines are kept for a browser that has gone"],
		],
	),
	...mutationsOf(
		[TAGS],
		[
			["tag-uncounted", "a tag that no guard has counted lets everybody pass"],
			[
				"tag-without-guard",
				"without a guard a tag says nothing",
				returns("(await next()) as undefined"),
			],
		],
	),
	...mutationsOf(
		[TAGS],
		[
			["hand-on", "what a tagged route hands on runs, and is withheld afterwards", always],
			[
				"same-path",
				"a tag opens a second route of its path too",
				swap("(each, index) => each === second[index]", "(each) => each !== undefined"),
			],
			[
				"handshake-breaks",
				"a connection that breaks during a handshake ends the process",
				skip,
				{ tests: [HANDSHAKES] },
			],
			[
				"late-rule",
				"a tag that is reached late is no rule",
				becomes("new HonoCall(c.req.raw, c.env)"),
			],
			[
				"withheld-handshake",
				"a handshake that middleware has taken goes on though it was refused",
				skip,
				{ tests: [HANDSHAKES] },
			],
			[
				"handshake-address",
				"the origin of a handshake is what the server made up",
				always,
				{ tests: [HANDSHAKES] },
			],
		],
	),
	...mutationsOf(
		[HANDSHAKES],
		[
			["handshake-csrf", "handshakes of other sites are taken"],
			["handshake-fast", "a handshake is let in like any page"],
		],
	),
	...mutationsOf(
		[HANDSHAKES],
		[
			["handshake-connect", "a handshake over HTTP/2 is none"],
			[
				"handshake-spelling",
				"Upgrade counts in one spelling",
				swap("/websocket/i.test(upgrade)", 'upgrade === "websocket"'),
			],
		],
	),
	...mutationsOf(
		[UPGRADES],
		[
			["socket-look-again", "a socket outlives the rule of its path"],
			["raw-socket-mute", "an app behind Hono hears a client whose session has ended"],
			["sockets-at-stop", "sockets outlive a server that stops"],
			["upgrade-mute", "an app hears a client whose session has ended"],
		],
	),
	...mutationsOf(
		["test/security/replaced-promise.test.ts"],
		[
			[
				"other-promise",
				"a promise that is no instance of the global class is taken for the answer",
				becomes('typeof then === "function" && value instanceof Promise'),
			],
		],
	),
	...mutationsOf(
		[UPGRADES],
		[
			["upgrade-refusal", "handshakes are taken whatever the gate says", returns("")],
			["upgrade-frames", "a frame that breaks the protocol ends the process"],
			["upgrade-twice", "two upgrade() take the handshakes of one server"],
		],
	),
];
