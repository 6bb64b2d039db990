// Flags that change while the function runs; pages.go has the pages.

func handler(w http.ResponseWriter, r *http.Request) {
	if enabled, _ := kvGet("flag/new-page"); enabled == "true" {
		newPage(w, r)
		return
	}
	oldPage(w, r)
}
