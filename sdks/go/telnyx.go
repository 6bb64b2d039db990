package kvasir

import (
	"crypto/tls"
	"net/http"
	"os"
	"strings"
)

const (
	telnyxHost    = "api.telnyx.com"
	telnyxStorage = "/v2/storage/kvs"
)

// RerouteTelnyx sends the requests of net/http's default transport for Telnyx's storage API to Kvasir, so that
// programs with a Telnyx helper of their own run unchanged. Other requests go where they went, with HTTP/1.1. Kvasir's
// own main calls it for a function whose code mentions Telnyx.
func RerouteTelnyx() {
	endpoint := os.Getenv("KVASIR_FUNCTIONS_ENDPOINT")
	transport, isPlain := http.DefaultTransport.(*http.Transport)
	if endpoint == "" || !isPlain {
		return
	}
	rerouted := &telnyxRoundTripper{
		transport:  tcpTransport,
		address:    endpoint,
		namespaces: os.Getenv("KVASIR_FUNCTIONS_NAMESPACES"),
		secret:     os.Getenv("KVASIR_FUNCTIONS_SECRET"),
	}
	if path, isUnix := strings.CutPrefix(endpoint, "unix:"); isUnix {
		rerouted.transport, rerouted.address = socketTransport(path), "kvasir"
	}
	// HTTP/2 would register the protocol too, which is only possible once.
	transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	transport.RegisterProtocol("https", rerouted)
}

type telnyxRoundTripper struct {
	transport                   *http.Transport
	address, namespaces, secret string
}

func (t *telnyxRoundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	path := r.URL.EscapedPath()
	isStorage := path == telnyxStorage || strings.HasPrefix(path, telnyxStorage+"/")
	if !strings.EqualFold(r.URL.Hostname(), telnyxHost) || !isStorage {
		return nil, http.ErrSkipAltProtocol
	}
	sent := r.Clone(r.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = "http", t.address, telnyxHost
	sent.Header.Set("Kvasir-Namespaces", t.namespaces)
	if t.secret != "" {
		sent.Header.Set("Kvasir-Secret", t.secret)
	}
	response, err := t.transport.RoundTrip(sent)
	if response != nil {
		response.Request = r
	}
	return response, err
}
