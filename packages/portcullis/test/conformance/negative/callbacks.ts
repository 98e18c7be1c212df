import type { ErrorCode } from "../../../src/index.ts";
import { ISSUER, type OfflineGate, ORIGIN } from "./offline-gate.ts";

/** The right answer of the provider, as the browser of an attempt would bring it. */
export interface Arrival {
	readonly url: URL;
	/** The right parameters. */
	readonly params: URLSearchParams;
	/** Of the attempt. */
	readonly cookie: string;
	/** Of another attempt, in another browser. */
	readonly other: { readonly params: URLSearchParams; readonly cookie: string };
	readonly offline: OfflineGate;
}

/** `login`: nothing of it is believed, and the login page follows. Else the error view. */
export type Outcome =
	| "login"
	| { readonly code: ErrorCode; readonly reason?: string; readonly status: number };

/** An answer that signs nobody in. */
export interface NegativeCallback {
	/** Of the test. */
	readonly name: string;
	readonly outcome: Outcome;
	/** How often the token endpoint is asked. Default 0. */
	readonly exchanges?: number;
	readonly request: (arrival: Arrival) => Request;
}

const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "cross-site",
};

const get = (query: URLSearchParams | string, cookie: string): Request =>
	new Request(`${ORIGIN}/callback?${query}`, { headers: { ...NAVIGATION, cookie } });

/** Rows that change the parameters, or return others, as a query. */
function answers(
	outcome: Outcome,
	rows: Readonly<Record<string, (params: URLSearchParams, arrival: Arrival) => unknown>>,
): NegativeCallback[] {
	return Object.entries(rows).map(([name, change]) => ({
		name,
		outcome,
		request: (arrival) => {
			const query = change(arrival.params, arrival);
			return get(typeof query === "string" ? query : arrival.params, arrival.cookie);
		},
	}));
}

/** One row for each value of a parameter. */
function values(outcome: Outcome, name: string, list: readonly string[]): NegativeCallback[] {
	return list.map((value) => ({
		name: `${name} is ${JSON.stringify(value.slice(0, 60))}`,
		outcome,
		request: ({ params, cookie }) => {
			params.set(name, value);
			return get(params, cookie);
		},
	}));
}

/** Rows whose request is another one altogether. */
function requests(
	outcome: Outcome,
	rows: Readonly<Record<string, (arrival: Arrival) => Request>>,
): NegativeCallback[] {
	return Object.entries(rows).map(([name, request]) => ({ name, outcome, request }));
}

const invalid = (reason: string) => ({ code: "callback_invalid", reason, status: 400 }) as const;
const form = (
	body: BodyInit,
	cookie: string,
	path = "/callback",
	headers: Record<string, string> = {},
) =>
	new Request(ORIGIN + path, {
		method: "POST",
		body,
		headers: {
			...NAVIGATION,
			"content-type": "application/x-www-form-urlencoded",
			cookie,
			...headers,
		},
	});

const CHANGED = { code: "answer_changed", reason: "state", status: 400 } as const;

const states = [
	...values(CHANGED, "state", [
		"",
		" ",
		"null",
		"undefined",
		"__proto__",
		"constructor",
		"../callback",
		"\0",
		"\r\n",
	]),
	...values(CHANGED, "state", ["s".repeat(5000), "%2e%2e", "🔑"]),
	...answers(CHANGED, {
		"no state": (params) => params.delete("state"),
		"the state twice": (params) => params.append("state", params.get("state") ?? ""),
		"the state under another name": (params) => {
			params.set("State", params.get("state") ?? "");
			params.delete("state");
		},
		"the state with a blank": (params) => params.set("state", `${params.get("state")} `),
		"the state with a character less": (params) =>
			params.set("state", params.get("state")?.slice(0, -1) ?? ""),
		"the state with a character more": (params) => params.set("state", `${params.get("state")}A`),
		"the state in capitals": (params) =>
			params.set("state", params.get("state")?.toUpperCase() ?? ""),
		"the state of somebody else, twice": (params, { other }) => {
			params.set("state", other.params.get("state") ?? "");
			params.append("state", other.params.get("state") ?? "");
		},
		"an error without a state": () => "error=access_denied",
	}),
	...answers("login", {
		"the state of an attempt of somebody else": (params, { other }) =>
			params.set("state", other.params.get("state") ?? ""),
		"the whole answer of somebody else (login CSRF)": (_params, { other }) =>
			other.params.toString(),
		"an answer without any parameter": () => "",
	}),
	...requests("login", {
		"the right answer in another browser": ({ params, other }) => get(params, other.cookie),
		"the right answer without a cookie": ({ params }) => get(params, ""),
		"the cookie under another name": ({ params, cookie }) =>
			get(params, cookie.replace("-tx-", "-ty-")),
		"the cookie without its prefix": ({ params, cookie }) =>
			get(params, cookie.replaceAll("__Host-", "")),
		"a cookie that is damaged": ({ params, cookie }) => get(params, `${cookie.slice(0, -6)}AAAAAA`),
		"the cookie of somebody else's attempt under the name of this one": ({
			params,
			cookie,
			other,
		}) =>
			get(
				params,
				`${cookie.slice(0, cookie.indexOf("="))}${other.cookie.slice(other.cookie.indexOf("="))}`,
			),
	}),
];

const issuers = [
	...values({ code: "issuer_mismatch", reason: "iss", status: 400 }, "iss", [
		"",
		"null",
		`${ISSUER}/`,
		`${ISSUER} `,
		ISSUER.toUpperCase(),
		ISSUER.replace("https", "http"),
		`${ISSUER}:443`,
		`${ISSUER}.evil.example`,
		"https://idp.exampl",
		"https://another-issuer.invalid",
	]),
	...answers(
		{ code: "issuer_mismatch", reason: "iss", status: 400 },
		{
			"no iss": (params) => params.delete("iss"),
			"an error of another issuer": (params) => {
				params.delete("code");
				params.set("error", "access_denied");
				params.set("iss", "https://another-issuer.invalid");
			},
		},
	),
];

const repeated = answers(invalid("duplicate"), {
	"the code twice": (params) => params.append("code", params.get("code") ?? ""),
	"the iss twice": (params) => params.append("iss", ISSUER),
	"two errors": (params) => `${params}&error=access_denied&error=server_error`,
	"two descriptions": (params) => `${params}&error_description=a&error_description=b`,
	"an unknown parameter twice": (params) => `${params}&session_state=a&session_state=a`,
	"an empty name twice": (params) => `${params}&=a&=b`,
});

const long = answers(invalid("oversize"), {
	"a code of 4,097 characters": (params) => params.set("code", "c".repeat(4097)),
	"a description of 5,000 characters": (params) =>
		params.set("error_description", "d".repeat(5000)),
	"an unknown parameter of 5,000 characters": (params) => params.set("x", "x".repeat(5000)),
	"a name of 5,000 characters": (params) => params.set("n".repeat(5000), ""),
});

const kinds = [
	...answers(invalid("response_mode"), {
		"an access token (implicit flow)": (params) => params.set("access_token", "at"),
		"an ID token (hybrid flow)": (params) => params.set("id_token", "e30.e30.e30"),
		"a response object (JARM)": (params) => params.set("response", "e30.e30.e30"),
		"a token": (params) => params.set("token", "t"),
		"an access token without a value": (params) => params.set("access_token", ""),
	}),
	...answers(invalid("code"), {
		"no code": (params) => params.delete("code"),
		"an empty code": (params) => params.set("code", ""),
		"a code in a list": (params) => {
			params.set("code[]", params.get("code") ?? "");
			params.delete("code");
		},
		"a code under another name": (params) => {
			params.set("Code", params.get("code") ?? "");
			params.delete("code");
		},
		"an empty error beside no code": (params) => {
			params.delete("code");
			params.set("error", "");
		},
	}),
];

const failed = (error: string) => (params: URLSearchParams) => {
	params.delete("code");
	params.set("error", error);
};

const errors = [
	...[
		"login_required",
		"consent_required",
		"interaction_required",
		"account_selection_required",
		"invalid_request",
		"unauthorized_client",
		"unsupported_response_type",
		"invalid_scope",
		"server_error",
		"temporarily_unavailable",
		"an_error_of_its_own",
	].flatMap((error) =>
		answers(
			{ code: "provider_error", reason: error, status: 502 },
			{ [`error ${error}`]: failed(error) },
		),
	),
	...answers(
		{ code: "access_denied", reason: "access_denied", status: 403 },
		{
			"an error beside a good code": (params) => params.set("error", "access_denied"),
		},
	),
];

const codes: NegativeCallback[] = values(
	{ code: "provider_error", reason: "invalid_grant", status: 502 },
	"code",
	["unknown", "c".repeat(4096), "a\r\nb", "{}"],
).map((row) => ({ ...row, exchanges: 1 }));
const swapped: NegativeCallback = {
	name: "the code of somebody else (code injection)",
	outcome: { code: "provider_error", reason: "invalid_grant", status: 502 },
	exchanges: 1,
	request: ({ params, cookie, other }) => {
		params.set("code", other.params.get("code") ?? "");
		return get(params, cookie);
	},
};

const unreadable = { code: "callback_invalid", status: 400 } as const;
const posts = requests(unreadable, {
	"a form_post as JSON": ({ params, cookie }) =>
		form(JSON.stringify(Object.fromEntries(params)), cookie, "/callback", {
			"content-type": "application/json",
		}),
	"a form_post of no type": ({ params, cookie }) =>
		form(`${params}`, cookie, "/callback", { "content-type": "text/plain" }),
	"a form_post with two codes": ({ params, cookie }) => form(`${params}&code=b`, cookie),
	"a form_post of 100,000 characters": ({ params, cookie }) =>
		form(`${params}&x=${"x".repeat(100_000)}`, cookie),
	"a form that another site sends on": ({ params, cookie }) =>
		form(`${params}`, cookie, "/callback/continue", { origin: "https://evil.example" }),
	"a form that a page without an origin sends on": ({ params, cookie }) =>
		form(`${params}`, cookie, "/callback/continue", { origin: "null" }),
	"a form that nobody says they send on": ({ params, cookie }) =>
		form(`${params}`, cookie, "/callback/continue"),
	"JSON that is sent on": ({ params, cookie }) =>
		form(JSON.stringify(Object.fromEntries(params)), cookie, "/callback/continue", {
			origin: ORIGIN,
			"content-type": "application/json",
		}),
});

/** Beyond what the modules of the suite and the files next door have. */
export const negativeCallbacks: readonly NegativeCallback[] = [
	...states,
	...issuers,
	...repeated,
	...long,
	...kinds,
	...errors,
	...codes,
	swapped,
	...posts,
];
