// A flag that can change while the function runs. The pages are in pages.go.

func handler(w http.ResponseWriter, r *http.Request) {
	if enabled, _ := kvGet("flag/new-page"); enabled == "true" {
		newPage(w, r)
		return
	}
	oldPage(w, r)
}
