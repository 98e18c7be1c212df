import { type Mutation, mutationsOf } from "./mutation.ts";

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
		"state/dispatch.ts",
		[RULES, EVENTS, FORGERY],
		[
			[
				"no-event-rule",
				"the rule of an event is not asked",
				"decide<EventAuthContext>([event.rule], ",
				"decide<EventAuthContext>([], ",
			],
			[
				"event-for-anonymous",
				"an event needs nobody to be signed in",
				"if (event.rule !== false && !caller.user) {",
				"if (false) {",
				{
					survives:
						"`decide` refuses anonymous callers once more, in the client's turn (`no-event-rule`): the first look spares taking it.",
				},
			],
			[
				"event-denied",
				"an event that a check denies is run",
				'if (decided.outcome === "denied") {',
				'if ((decided.outcome as string) === "never") {',
			],
			[
				"deep-input",
				"an input may be nested without end",
				"if (isNestedDeeper(payload, MAX_NESTING)) return",
				"if (false) return",
				{ tests: [DEEP] },
			],
			[
				"no-input",
				"input is not validated",
				"if (!result.issues) return { value: result.value };",
				"if (true) return { value: (result as { value: unknown }).value };",
			],
			[
				"raw-input",
				"a handler gets what was sent instead of what was validated",
				"if (!event.input) return { value: undefined };",
				"if (event) return { value: payload };",
			],
			[
				"session-over-before",
				"an event runs though its session has ended while it waited",
				"if (this.#isOver(caller)) {",
				"if (false) {",
				{ tests: [TAKEN_BACK, EVENTS, "test/security/backchannel.test.ts", "test/state/replicas.test.ts"] },
			],
			[
				"session-over-after",
				"values are delivered though the session has ended",
				'if (this.#isOver(at.caller)) return "";',
				"",
				{ tests: [TAKEN_BACK, EVENTS, "test/security/backchannel.test.ts", "test/state/replicas.test.ts"] },
			],
			[
				"event-twice",
				"an event that comes again is run again",
				"if (remembered !== undefined) return this.#answer(turn, at, remembered);",
				"",
				{ tests: [ORDER, EVENTS] },
			],
			[
				"event-out-of-order",
				"an event that is too late is run",
				"if (request.seq <= live.seq)\n\t\t\treturn refuse(",
				"if (false)\n\t\t\treturn refuse(",
				{ tests: [ORDER, EVENTS] },
			],
			[
				"event-too-early",
				"an event does not wait for the one before",
				"return isEarly && now < until ? undefined : this.#take(turn, at, early);",
				"return this.#take(turn, at, early);",
				{ tests: [ORDER, EVENTS] },
			],
			["any-event-id", "an event may have any id", "!EVENT_ID.test(request.id) || ", "", { tests: [FORGERY] }],
			[
				"any-seq",
				"an event may have any place",
				" || !Number.isSafeInteger(request.seq) || request.seq < 1",
				"",
				{ tests: [FORGERY] },
			],
			[
				"no-waiting-limit",
				"a client may have any number of events waiting",
				"if (waiting >= MAX_WAITING) return",
				"if (false) return",
				{ tests: [EVENTS, ORDER, FORGERY] },
			],
			[
				"no-background-limit",
				"a client may have any number of events in the background",
				"if (others.size >= MAX_BACKGROUND) return",
				"if (false) return",
				{ tests: [EVENTS, ORDER, FORGERY] },
			],
			[
				"no-undo",
				"what a handler changed before it failed is kept",
				"live.rollBack();\n\t\t\treturn this.#recordFailure",
				"return this.#recordFailure",
				{ tests: [EVENTS] },
			],
			[
				"redirect-anywhere",
				"a handler leads to another site without saying so",
				'(!external && (url.origin !== LOCAL_BASE || !path.startsWith("/")))',
				"false",
				{ tests: ["test/state/effects.test.ts"] },
			],
			[
				"redirect-to-script",
				"a handler leads to a javascript: address",
				"!/^https?:$/.test(url.protocol) ||\n",
				"",
				{ tests: ["test/state/effects.test.ts"] },
			],
			[
				"unknown-outcome",
				"an event that may have run is run again",
				"if (request.repeat && (request.epoch !== live.epoch || live.epoch === 0 || request.seq <= live.seq))",
				"if (false)",
				{ tests: [ORDER, "test/state/lost-commits.test.ts", EVENTS] },
			],
			[
				"somebody-elses-background",
				"an event in the background writes for somebody else",
				"if (turn.live.generation !== generation) throw lostClient(at.event.id);",
				"",
				{
					tests: [TAKEN_BACK, EVENTS, RULES],
					survives:
						"`workAsOwner` refuses whoever is not the client's owner any more, and what a former generation of the same owner writes is not committed: this says so to the one who asked.",
				},
			],
		],
	),
	...mutationsOf(
		"state/view.ts",
		[RULES, WITHHOLDING],
		[
			[
				"no-withholding",
				"values are sent to those who may not see them",
				"const text = isGranted ? readValue(live, type, value, log) : withholdValue(live, value);",
				"const text = readValue(live, type, value, log);",
			],
			["value-for-anonymous", "values need nobody to be signed in", "if (!user) return ANONYMOUS;", ""],
			[
				"no-value-check",
				"checks of values are not asked",
				"if (rule === true) return GRANTED;",
				"if (rule) return GRANTED;",
			],
			["all-values-open", "every value is open", "if (rule === false) return GRANTED;", "return GRANTED;"],
			[
				"failed-value",
				"a value that fails says why",
				"text = placeholder;\n\t}",
				"text = JSON.stringify([String(error)]);\n\t}",
			],
			[
				"kept-after-denial",
				"a value stays where it was seen before",
				"if (live.sent.get(id)?.isWithheld) return undefined;",
				"if (live.sent.get(id)) return undefined;",
				{ tests: [RULES, TAKEN_BACK] },
			],
		],
	),
	...mutationsOf(
		"state/state-service.ts",
		[FORGERY, RULES],
		[
			["no-owner", "an event of one person is run for another", "if (named.owner !== caller.owner) return STALE;", ""],
			[
				"no-stream-owner",
				"a stream tells somebody else's values",
				"named !== undefined && named.owner === caller.owner;",
				"named !== undefined;",
			],
			[
				"old-name",
				"a client keeps the name that was made for somebody else",
				"known.owner === caller.owner ? (name as string) : await this.#names.seal(ring, known.id, caller.owner)",
				"name as string",
			],
			[
				"no-session-end",
				"the end of a session closes no streams",
				"this.#endSession(owner);\n\t\tthis.#options.store.publish(SESSION_CHANNEL",
				"this.#options.store.publish(SESSION_CHANNEL",
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
		"state/client-names.ts",
		[FORGERY, RULES],
		[
			[
				"long-names",
				"names of clients may be of any length",
				"if (name.length > MAX_NAME) return undefined;",
				"",
				{ survives: "A longer name opens to nothing: the look spares the work, and bodies are held to 256 KiB." },
			],
			[
				"unsealed-names",
				"clients can be named by anybody",
				'const opened = ring.open("client", name, CONTEXT);',
				'const opened = ring.open("client", name, CONTEXT) ?? new TextEncoder().encode(name);',
			],
		],
	),
	...mutationsOf(
		"app/state-requests.ts",
		[FORGERY, EVENTS, "test/fuzz/state-requests.test.ts"],
		[
			[
				"any-text",
				"texts of requests may be anything",
				'return typeof value === "string" && value.length <= MAX_TEXT;',
				"return value !== null;",
			],
			["long-text", "texts of requests may be of any length", " && value.length <= MAX_TEXT", "", { tests: [FORGERY] }],
			[
				"any-count",
				"counts of requests may be anything",
				"return Number.isSafeInteger(value) && (value as number) >= 0;",
				"return true;",
				{ tests: [FORGERY] },
			],
			[
				"long-lists",
				"lists of requests may be of any length",
				"Array.isArray(value) && value.length <= MAX_LIST && ",
				"Array.isArray(value) && ",
				{ tests: [FORGERY] },
			],
			[
				"many-clients",
				"a stream may be for any number of clients",
				" || body.clients.length > MAX_LIST",
				"",
				{ tests: [FORGERY] },
			],
			[
				"any-body",
				"a body may be anything",
				'return typeof value === "object" && value !== null && !Array.isArray(value);',
				"return true;",
			],
		],
	),
	...mutationsOf(
		"app/state-routes.ts",
		[FORGERY],
		[
			[
				"no-state-csrf",
				"requests of other sites are taken",
				"if (!isOwnScript(call.header, origin)) {",
				"if (false) {",
			],
			[
				"claims-of-a-stream",
				"a stream goes on with the claims that it was opened with",
				"return this.#gate.identities.latest(this.#identity);",
				"return this.#identity.user;",
				{ tests: ["test/state/taken-back.test.ts"] },
			],
			["any-content-type", "bodies of any type are taken", 'if (type !== "application/json")', "if (false)"],
			[
				"events-for-stale-sessions",
				"an event of a session that has to be renewed is run for nobody",
				")?.session.hasRefreshToken\n\t\t) {",
				")?.session.hasRefreshToken && false\n\t\t) {",
				{ tests: ["test/refresh/events.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"app/audit.ts",
		[DEEP],
		[
			[
				"deep-audit",
				"a record copies what an event was sent with to any depth",
				"if (levels === 0) return TOO_DEEP;",
				"if (levels === -1e9) return TOO_DEEP;",
			],
		],
	),
	...mutationsOf(
		"protocol/token-response.ts",
		[DEEP],
		[
			[
				"deep-token-response",
				"a member of a token response may be nested without end",
				"!KNOWN.has(member) && !isNestedDeeper(value, MAX_NESTING)",
				"!KNOWN.has(member)",
			],
		],
	),
	...mutationsOf(
		"state/streams.ts",
		[LIMITS],
		[
			[
				"streams-of-one",
				"one session or network has any number of streams",
				"if (own && !isEverybody && (",
				"if (own && false && (",
			],
			[
				"anonymous-tabs",
				"anonymous callers have any number of tabs on streams",
				"if (isAnonymous && isTooMuch(this.#anonymous, MAX_ANONYMOUS_CLIENTS))",
				"if (false)",
			],
			[
				"moved-tabs",
				"streams whose only tab was moved on count no longer",
				"if (former.stream.counted > 1) this.#counts",
				"this.#counts",
			],
			[
				"oldest-network",
				"where there is no room for more anonymous tabs, some network gives way",
				"group.clients > (largest?.clients ?? -1)",
				"largest === undefined",
			],
			[
				"tabs-of-stream",
				"an anonymous stream has as many tabs as one of a session",
				'caller.owner === "" ? clients.slice(0, MAX_CLIENTS_OF_STREAM) : clients',
				"clients",
			],
		],
	),
	...mutationsOf(
		"state/caller.ts",
		[LIMITS],
		[
			[
				"exact-address",
				"anonymous callers are counted by address",
				"networkOf(address).slice(0, MAX_NETWORK_TEXT)",
				"address",
			],
		],
	),
	...mutationsOf(
		"app/hydrate-limit.ts",
		[LIMITS],
		[
			[
				"hydrates-of-session",
				"a session asks for values without a limit",
				"return this.#session(owner).take() ? undefined : RETRY_AFTER;",
				"return undefined;",
			],
			[
				"hydrates-of-network",
				"a network asks for values without a limit",
				"if (!limited.isAllowed) return limited.retryAfter;",
				"",
			],
		],
	),
	...mutationsOf(
		"app/claim-limits.ts",
		[LIMITS],
		[
			[
				"claims-of-address",
				"claims are counted by address",
				"networkOf(address).slice(0, MAX_NETWORK_TEXT)",
				"address",
			],
		],
	),
	...mutationsOf(
		"state/client-host.ts",
		["src/state/client-host.test.ts"],
		[
			[
				"any-instances",
				"one session has any number of instances",
				"if (excess <= 0) return;\n\t\tlet left",
				"if (true) return;\n\t\tlet left",
			],
			[
				"pinned-instances",
				"instances on a stream are given up",
				"if (oldest.pins > 0 || oldest === live) {",
				"if (oldest === live) {",
			],
		],
	),
	...mutationsOf(
		"state/memory-records.ts",
		["src/state/memory-store.test.ts"],
		[
			[
				"no-share",
				"one person may have all the room",
				"if (tooMany <= 0 && tooLarge <= 0) return;\n\t\tif",
				"if (tooMany <= 0) return;\n\t\tif",
			],
			[
				"own-records-last",
				"other people's records go before the person's own",
				"if (!isAnonymous && group && giveUp(group.records, () => true)) return;",
				"",
			],
			[
				"revocations-go",
				"records of the gate itself go for a person's",
				"if (!isAnonymous && !group && giveUp(",
				"if (!isAnonymous && giveUp(",
			],
		],
	),
];
