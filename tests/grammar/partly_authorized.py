"""The sentences of a heading whose request was authorized in part."""

ORIGINAL = "Percocet 7.5/325mg #90 was the original request."
AUTHORIZED = "Percocet 7.5/325mg #60 was authorized by the Claims Administrator."
REMAINING = "The remaining IMR eligible portion of the original request, Percocet 7.5/325mg #30"
