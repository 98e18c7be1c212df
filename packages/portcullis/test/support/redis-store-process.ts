// Another process on the same Redis:
//
//     node redis-store-process.ts <url> <client> hold <lease time>    takes the client's lease,
//     says so, and keeps it node redis-store-process.ts <url> <client> increment <times>    adds
//     one to the record's `count` so many times
import { redis } from "../../src/store/redis/store.ts";

const [url = "", client = "", task, number] = process.argv.slice(2);
const store = redis({ url, leaseTime: task === "hold" ? Number(number) : 10 });

if (task === "hold") {
	await store.acquire(client, 0);
	console.log("held");
} else {
	for (let i = 0; i < Number(number); i++) {
		const lease = await store.acquire(client, 0);
		const count = Number(lease.entries?.get("count") ?? 0) + 1;
		await lease.commit([["count", String(count)]], lease.version + 1, {
			ttl: 60,
			anonymous: false,
		});
		await lease.release();
	}
	await store.close();
	console.log("done");
}
