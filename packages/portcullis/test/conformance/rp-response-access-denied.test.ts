import { expect } from "vitest";
import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-response-access-denied (R17)", [
	{
		name: "a login that the person cancelled",
		faults: { authorization: "access-denied" },
		code: "access_denied",
		reason: "access_denied",
		status: 403,
		also({ fixture, page }) {
			expect(page.body).toContain("The person said no.");
			// Trying again leads back to the page that was asked for.
			expect(page.body).toContain("redirect_to=%2Fprivate%3Fpage%3D1");
			expect(fixture.idp.count("token")).toBe(0);
		},
	},
]);
