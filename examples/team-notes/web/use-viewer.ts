import { useEffect, useState } from "react";
import type { Viewer } from "../shared/types.ts";
import { getViewer } from "./api.ts";

/**
 * Who is signed in. A public page that was reached by a link of another site came without the session's `SameSite=Strict` cookies,
 * and looks anonymous to the server; this request of our own has them.
 */
export function useViewer(known: Viewer | null): Viewer | null {
	const [viewer, setViewer] = useState(known);
	useEffect(() => {
		if (known) return;
		const aborter = new AbortController();
		getViewer(aborter.signal).then(setViewer, () => {});
		return () => aborter.abort();
	}, [known]);
	return viewer;
}
