import { describe, expect, it } from "vitest";
import { LoginError } from "../base/errors.ts";
import { type ClientCredentials, clientAuthentication } from "./client-authentication.ts";

async function applied(credentials: Partial<ClientCredentials>) {
	const authenticate = clientAuthentication({
		clientId: "app",
		clientSecret: undefined,
		methods: undefined,
		provider: "okta",
		...credentials,
	});
	const body = new URLSearchParams();
	const headers = new Headers();
	await authenticate({ issuer: "https://idp.example.com" }, { client_id: "app" }, body, headers);
	return { body: body.toString(), authorization: headers.get("authorization") };
}

const basic = (header: string | null) => atob(header?.replace("Basic ", "") ?? "");

describe("clientAuthentication", () => {
	it("sends the id alone where there is no secret, also if metadata does not list none", async () => {
		for (const methods of [undefined, ["none"], ["client_secret_basic"]]) {
			expect(await applied({ methods })).toEqual({ body: "client_id=app", authorization: null });
		}
	});

	it("puts the secret into the body where that is offered", async () => {
		const sent = await applied({
			clientSecret: "a:%+é-",
			methods: ["client_secret_basic", "client_secret_post"],
		});
		expect(sent.authorization).toBeNull();
		expect(new URLSearchParams(sent.body).get("client_secret")).toBe("a:%+é-");
	});

	it.each([[undefined], [["client_secret_basic"]]])(
		"uses the header where metadata lists %j",
		async (methods) => {
			const sent = await applied({ clientSecret: "s3cret", methods });
			expect(sent.body).toBe("");
			expect(basic(sent.authorization)).toBe("app:s3cret");
		},
	);

	it.each([
		["a:b", "a%3Ab"],
		["a%b", "a%25b"],
		["a+b", "a%2Bb"],
		["a b", "a+b"],
		["é", "%C3%A9"],
		["a-b_c.d*e", "a-b_c.d*e"],
	])("writes %s as %s", async (secret, encoded) => {
		const sent = await applied({ clientId: secret, clientSecret: secret });
		expect(basic(sent.authorization)).toBe(`${encoded}:${encoded}`);
		expect(new URLSearchParams(`v=${encoded}`).get("v")).toBe(secret);
	});

	it("refuses a provider that takes no secret, and says what to do", () => {
		const pick = () =>
			clientAuthentication({
				clientId: "app",
				clientSecret: "s3cret",
				methods: ["private_key_jwt"],
				provider: "okta",
			});
		expect(pick).toThrow(LoginError);
		expect(pick).toThrow(
			expect.objectContaining({
				code: "provider_misconfigured",
				reason: "token_endpoint_auth_methods_supported",
				message: expect.stringContaining("Allow one of them"),
			}),
		);
	});
});
