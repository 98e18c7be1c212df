import { type Mutation, mutationsOf } from "./mutation.ts";
import {
	always,
	becomes,
	never,
	replace,
	returns,
	skip,
	swap,
	truthy,
	withoutElement,
	withoutOperand,
	withoutText,
} from "./operations.ts";

const RULES = "test/state/rules.test.ts";
const EVENTS = "test/state/events.test.ts";
const ORDER = "test/state/order.test.ts";
const FORGERY = "test/security/state-forgery.test.ts";
const WITHHOLDING = "test/security/state-withholding.test.ts";
const DEEP = "test/security/deep-input.test.ts";
const LIMITS = "test/security/state-limits.test.ts";
const TAKEN_BACK = "test/state/taken-back.test.ts";

/** Events and values: the dispatcher and what stands around it. */
export const STATE: readonly Mutation[] = [
	...mutationsOf(
		[RULES, EVENTS, FORGERY],
		[
			["no-event-rule", "the rule of an event is not asked", withoutElement(1, 1)],
			[
				"event-for-anonymous",
				"an event needs nobody to be signed in",
				skip,
				{
					survives:
						"`decide` refuses anonymous callers once more, in the client's turn (`no-event-rule`): the first look spares taking it.",
				},
			],
			["event-denied", "an event that a check denies is run"],
			["deep-input", "an input may be nested without end", skip, { tests: [DEEP] }],
			["no-input", "input is not validated", always],
			[
				"raw-input",
				"a handler gets what was sent instead of what was validated",
				replace('return { kind: "input", value: payload };'),
			],
			[
				"session-over-before",
				"an event runs though its session has ended while it waited",
				skip,
				{
					tests: [
						TAKEN_BACK,
						EVENTS,
						"test/security/backchannel.test.ts",
						"test/state/replicas.test.ts",
					],
				},
			],
			[
				"session-over-after",
				"values are delivered though the session has ended",
				skip,
				{
					tests: [
						TAKEN_BACK,
						EVENTS,
						"test/security/backchannel.test.ts",
						"test/state/replicas.test.ts",
					],
				},
			],
			["event-twice", "an event that comes again is run again", skip, { tests: [ORDER, EVENTS] }],
			["event-out-of-order", "an event that is too late is run", skip, { tests: [ORDER, EVENTS] }],
			[
				"event-too-early",
				"an event does not wait for the one before",
				never,
				{ tests: [ORDER, EVENTS] },
			],
			["any-event-id", "an event may have any id", withoutOperand(1, 3), { tests: [FORGERY] }],
			["any-seq", "an event may have any place", withoutOperand([2, 3], 3), { tests: [FORGERY] }],
			[
				"no-waiting-limit",
				"a client may have any number of events waiting",
				skip,
				{ tests: [EVENTS, ORDER, FORGERY] },
			],
			[
				"no-background-limit",
				"a client may have any number of events in the background",
				skip,
				{ tests: [EVENTS, ORDER, FORGERY] },
			],
			["no-undo", "what a handler changed before it failed is kept", skip, { tests: [EVENTS] }],
			[
				"redirect-anywhere",
				"a handler leads to another site without saying so",
				skip,
				{ tests: ["test/state/effects.test.ts"] },
			],
			[
				"redirect-to-script",
				"a handler leads to a javascript: address",
				withoutOperand(2, 3),
				{ tests: ["test/state/effects.test.ts"] },
			],
			[
				"unknown-outcome",
				"an event that may have run is run again",
				skip,
				{ tests: [ORDER, "test/state/lost-commits.test.ts", EVENTS] },
			],
			[
				"somebody-elses-background",
				"an event in the background writes for somebody else",
				skip,
				{
					tests: [TAKEN_BACK, EVENTS, RULES],
					survives:
						"`workAsOwner` refuses whoever is not the client's owner any more, and what a former generation of the same owner writes is not committed: this says so to the one who asked.",
				},
			],
		],
	),
	...mutationsOf(
		[RULES, WITHHOLDING],
		[
			["no-withholding", "values are sent to those who may not see them", always],
			["value-for-anonymous", "values need nobody to be signed in"],
			["no-value-check", "checks of values are not asked", truthy],
			["all-values-open", "every value is open", always],
			["failed-value", "a value that fails says why", becomes("JSON.stringify([String(error)])")],
			[
				"kept-after-denial",
				"a value stays where it was seen before",
				becomes("tab.sent.get(id)"),
				{ tests: [RULES, TAKEN_BACK] },
			],
		],
	),
	...mutationsOf(
		[FORGERY, RULES],
		[
			["no-owner", "an event of one person is run for another"],
			[
				"no-stream-owner",
				"a stream is opened for somebody else's client",
				withoutOperand(2, 2),
				{
					survives:
						"`workAsOwner` refuses whoever is not the client's owner, and the stream says the same: the look spares holding on to the client, and asking the store.",
				},
			],
			["old-name", "a client keeps the name that was made for somebody else", always],
			[
				"no-session-end",
				"the end of a session closes no streams",
				skip,
				{
					tests: [
						EVENTS,
						FORGERY,
						RULES,
						"test/security/backchannel.test.ts",
						"test/security/logout.test.ts",
						TAKEN_BACK,
					],
				},
			],
		],
	),
	...mutationsOf(
		[FORGERY, RULES],
		[
			[
				"long-names",
				"names of clients may be of any length",
				skip,
				{
					survives:
						"A longer name opens to nothing: the look spares the work, and bodies are held to 256 KiB.",
				},
			],
			[
				"unsealed-names",
				"clients can be named by anybody",
				becomes('ring.open("client", name, CONTEXT) ?? new TextEncoder().encode(name)'),
			],
		],
	),
	...mutationsOf(
		[FORGERY, EVENTS, "test/fuzz/state-requests.test.ts"],
		[
			["any-text", "texts of requests may be anything", returns("value !== null")],
			[
				"long-text",
				"texts of requests may be of any length",
				withoutOperand(2, 2),
				{ tests: [FORGERY] },
			],
			["any-count", "counts of requests may be anything", returns("true"), { tests: [FORGERY] }],
			[
				"long-lists",
				"lists of requests may be of any length",
				withoutOperand(2, 3),
				{ tests: [FORGERY] },
			],
			[
				"many-clients",
				"a stream may be for any number of clients",
				withoutOperand(3, 3),
				{ tests: [FORGERY] },
			],
			["any-body", "a body may be anything", returns("true")],
		],
	),
	...mutationsOf(
		[FORGERY],
		[
			["no-state-csrf", "requests of other sites are taken"],
			[
				"claims-of-a-stream",
				"a stream goes on with the claims that it was opened with",
				returns("this.#identity.user"),
				{ tests: ["test/state/taken-back.test.ts"] },
			],
			["any-content-type", "bodies of any type are taken"],
			[
				"events-for-stale-sessions",
				"an event of a session that has to be renewed is run for nobody",
				skip,
				{ tests: ["test/refresh/events.test.ts"] },
			],
		],
	),
	...mutationsOf(
		[DEEP],
		[["deep-audit", "a record copies what an event was sent with to any depth"]],
	),
	...mutationsOf(
		[DEEP],
		[
			[
				"deep-token-response",
				"a member of a token response may be nested without end",
				withoutOperand(2, 2),
			],
		],
	),
	...mutationsOf(
		[LIMITS],
		[
			["streams-of-one", "one session or network has any number of streams"],
			["anonymous-tabs", "anonymous callers have any number of tabs on streams"],
			["moved-tabs", "streams whose only tab was moved on count no longer", always],
			[
				"oldest-network",
				"where there is no room for more anonymous tabs, some network gives way",
				replace("largest ??= group;"),
			],
			[
				"largest-network",
				"tabs are counted by network alone, however many of them one site has",
				swap(
					"ofSite(group) - ofSite(largest) || group.tabs - largest.tabs",
					"group.tabs - largest.tabs",
				),
			],
			["tabs-of-stream", "an anonymous stream has as many tabs as one of a session", never],
		],
	),
	...mutationsOf(
		[LIMITS],
		[
			[
				"exact-address",
				"anonymous callers are counted by address",
				swap("networkOf(address).slice(0, MAX_NETWORK_TEXT)", "address"),
			],
		],
	),
	...mutationsOf(
		[LIMITS],
		[
			["hydrates-of-session", "a session asks for values without a limit", returns("undefined")],
			["hydrates-of-program", "a program asks for values without a limit"],
			["hydrates-of-network", "a network asks for values without a limit"],
		],
	),
	...mutationsOf(
		[LIMITS],
		[
			[
				"claims-of-address",
				"claims are counted by address",
				swap("[networkOf(address), siteOf(address)]", "[address, address]"),
			],
			[
				"claims-of-site",
				"a site with many networks sends any number of claims",
				returns("this.#take(this.#addresses, network, 1)"),
			],
		],
	),
	...mutationsOf(
		["src/state/tabs/tab-host.test.ts"],
		[
			["any-instances", "one session has any number of instances", always],
			["pinned-instances", "instances on a stream are given up", withoutOperand(1, 2)],
		],
	),
	...mutationsOf(
		["src/store/redis/owners.test.ts"],
		[
			["redis-any-records", "one person has any number of records in Redis", always],
			[
				"redis-sites",
				"a site has 65,536 times as many records in Redis as one network",
				returns("[one]"),
			],
			[
				"redis-evicts-held",
				"a record in Redis that is being worked on gives way",
				withoutText('if redis.call("EXISTS", KEYS[2]) == 1 then return "held" end'),
			],
			[
				"redis-evicts-others",
				"a record in Redis gives way for the person that had it before",
				withoutText(
					'if not whose or not string.find(whose .. " ", " " .. ARGV[1] .. " ", 1, true) then return "other" end',
				),
			],
		],
	),
	...mutationsOf(
		["src/store/memory/store.test.ts"],
		[
			["no-share", "one person may have all the room", withoutOperand(2, 2)],
			[
				"records-of-site",
				"a site has 65,536 times as many records as one network",
				returns("[own]"),
			],
			["own-records-last", "other people's records go before the person's own"],
			["revocations-go", "records of the gate itself go for a person's", withoutOperand(2, 3)],
		],
	),
];
