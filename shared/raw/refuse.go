package raw

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// refuse is why the text cannot be read on, in jsontext's words: it reads it again.
func (r *Reader) refuse() error {
	dec := r.decoder()
	for {
		if _, err := dec.ReadValue(); err == io.EOF {
			return io.ErrUnexpectedEOF // all there is has been read
		} else if err != nil {
			return err
		}
	}
}

// refuseMore is what follows the value.
func (r *Reader) refuseMore() error {
	dec := r.decoder()
	_ = dec.SkipValue() // it was read
	_, err := dec.ReadToken()
	if err == nil {
		err = &jsontext.SyntacticError{ByteOffset: dec.InputOffset(), Err: errAfterValue}
	}
	return err
}

func (r *Reader) decoder() *jsontext.Decoder {
	if r.strict {
		return jsontext.NewDecoder(bytes.NewBuffer(r.text))
	}
	return jsontext.NewDecoder(bytes.NewBuffer(r.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
