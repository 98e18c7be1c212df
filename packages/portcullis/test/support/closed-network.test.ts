import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type NetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { takeRefusedConnections } from "./closed-network.ts";

test("another machine cannot be reached by fetch", async () => {
	await expect(fetch("https://idp.example/")).rejects.toMatchObject({
		cause: { code: "ECONNREFUSED" },
	});
	expect(takeRefusedConnections()).toEqual(["idp.example"]);
});

test.each<[string, NetConnectOpts]>([
	["a name", { host: "idp.example", port: 443 }],
	["a name that begins like loopback", { host: "localhost.example", port: 443 }],
	["an address that begins like loopback", { host: "127.0.0.1.example", port: 443 }],
	["the metadata service", { host: "169.254.169.254", port: 80 }],
	["an IPv6 address", { host: "2001:db8::1", port: 80 }],
])("%s cannot be reached by a socket", async (_, options) => {
	const [error] = await once(connect(options), "close").then(
		() => [undefined],
		(error) => [error],
	);
	expect(error).toMatchObject({ code: "ECONNREFUSED" });
	expect(takeRefusedConnections()).toHaveLength(1);
});

test("the forms (port, host) and TLS are refused as well", async () => {
	await expect(once(connect(443, "idp.example"), "connect")).rejects.toMatchObject({
		code: "ECONNREFUSED",
	});
	await expect(
		once(connectTls({ host: "idp.example", port: 443 }), "connect"),
	).rejects.toMatchObject({
		code: "ECONNREFUSED",
	});
	expect(takeRefusedConnections()).toEqual(["idp.example", "idp.example"]);
});

test("loopback can be reached", async () => {
	const server = createServer((_, response) => response.end("here"));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe("here");
	expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("here");
	server.close();
});
