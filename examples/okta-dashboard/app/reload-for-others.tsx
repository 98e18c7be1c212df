import { useEffect } from "react";
import { useNavigation } from "react-router";
import { useUser } from "./portcullis.ts";

/**
 * Loads the document anew when the person is not the one that it was rendered for: signed out, or
 * another person, in this tab or another one. What they could see is taken out of the page at once;
 * the text of the document still has it, until then.
 *
 * @param props `sub`: whom the document was rendered for.
 */
export function ReloadForOthers({ sub }: { sub: string | undefined }) {
	const isOther = useUser()?.sub !== sub;
	// On the way to another page the guard has noticed too, and leaves for where they wanted to go.
	const isIdle = useNavigation().state === "idle";
	useEffect(() => {
		if (isOther && isIdle) location.reload();
	}, [isOther, isIdle]);
	return null;
}
