import type { Gate } from "../../app/gate.ts";
import { internalsOf } from "../../app/gate-internals.ts";
import { consoleLog } from "../../audit/log.ts";
import { isThisCopy, nameOf, ONE_COPY, THIS_COPY } from "../../base/copies.ts";
import type { UserClaims } from "../../protocol/types.ts";
import type { Tag } from "./tags.ts";

/**
 * Says once for a gate that tags of another copy are used: they count, but not everything of two
 * copies goes together.
 */
export function copiesWarning(gate: Gate<UserClaims>): (tag: Tag) => void {
	let isSaid = false;
	return ({ copy }) => {
		if (isSaid || isThisCopy(copy)) return;
		isSaid = true;
		const message = `Two copies of portcullis are loaded: protect() is of ${nameOf(THIS_COPY)}, access() of ${nameOf(copy)}. Tags count all the same. ${ONE_COPY}`;
		const log = internalsOf(gate)?.log ?? consoleLog;
		log({ level: "warning", code: "config_invalid", reason: "two_copies", message });
	};
}
